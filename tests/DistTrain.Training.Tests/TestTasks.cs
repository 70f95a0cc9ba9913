using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

/// <summary>Small tasks to train.</summary>
internal static class TestTasks
{
    public static readonly Shape PictureShape = new(12, 12, 1);

    /// <summary>Pictures of three classes: a bright row, a bright column, or neither, under noise.</summary>
    public static IDataSource Pictures(int count, int seed = 1)
    {
        var random = new Random(seed);
        float[] pixels = new float[count * PictureShape.Length];
        int[] classes = new int[count];
        for (int i = 0; i < count; i++)
        {
            classes[i] = random.Next(3);
            int place = random.Next(12);
            for (int p = 0; p < PictureShape.Length; p++)
            {
                bool lit = classes[i] == 0 ? p / 12 == place : classes[i] == 1 && p % 12 == place;
                pixels[(i * PictureShape.Length) + p] = (lit ? 0.6f : 0) + (0.4f * random.NextSingle());
            }
        }

        return Dataset.FromArrays(pixels, PictureShape, classes, 3);
    }

    /// <summary>A convolution, two branches, dropout and a shared layer: what a distributed run must get right at once.</summary>
    public const string Branching = """
        model:
          nodes:
            conv:  { Conv2D: { filters: 3, kernelSize: 3, activation: relu }, inputs: input }
            pool:  { MaxPooling2D: 2 }
            flat:  { Flatten: }
            drop:  { Dropout: 0.3 }
            left:  { Dense: { units: 5, activation: tanh }, inputs: drop }
            right: { sameAs: left, inputs: flat }
            both:  { Concatenate: {}, inputs: [left, right] }
            out:   { Dense: 3, inputs: both }

        """;

    public static TrainingTask Task(string yaml, int samples = 53, int validation = 0) =>
        TrainingTask.Create(JobFile.Parse(yaml), new Splits(Pictures(samples), validation == 0 ? null : Pictures(validation, seed: 2)));
}
