using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>A network that trains in milliseconds and has what is hard to get right: convolution, dropout, Adam, short batches, a measured set.</summary>
internal static class SmallTraining
{
    private const int Classes = 3;

    private const string Job = """
        model:
          layers:
            - Conv2D: { filters: 2, kernelSize: 3, activation: relu }
            - MaxPooling2D: 2
            - Flatten:
            - Dropout: 0.3
            - Dense: { units: 6, activation: tanh }
            - Dense: { units: 3 }
        train: { epochs: 2, batch: 16, slices: 8, optimizer: { adam: 0.01 }, evaluationBatch: 20 }

        """;

    private static readonly Shape PictureShape = new(8, 8, 1);

    public static TrainingTask Create() => TrainingTask.Create(JobFile.Parse(Job), new Splits(Pictures(43, sample: 0), Pictures(30, sample: 1)));

    private static IDataSource Pictures(int count, uint sample)
    {
        float[] pixels = new float[count * PictureShape.Length];
        Philox.FillUniform(1, sample, 0, Philox.Stream("simulation/pixels"), pixels);
        int[] classes = new int[count];
        for (int i = 0; i < count; i++)
        {
            // A class is the brightest of the first pixels: something there is to learn.
            ReadOnlySpan<float> first = pixels.AsSpan(i * PictureShape.Length, Classes);
            classes[i] = first[0] >= first[1] && first[0] >= first[2] ? 0 : first[1] >= first[2] ? 1 : 2;
        }

        return Dataset.FromArrays(pixels, PictureShape, classes, Classes);
    }
}
