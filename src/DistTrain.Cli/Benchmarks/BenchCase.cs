using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>The networks and synthetic data that other software was measured with as well.</summary>
internal static class BenchCase
{
    /// <summary>Batches of different samples, so that no data lie in the caches by accident.</summary>
    private const int Batches = 8;

    private const int Classes = 10;

    public static IReadOnlyList<string> Names { get; } = ["mlp", "bigmlp", "cnn"];

    public static ModelJob Model(string name) => name switch
    {
        "mlp" => new ModelJob { Preset = PresetKind.Mlp },
        "cnn" => new ModelJob { Preset = PresetKind.Cnn },
        "bigmlp" => new ModelJob
        {
            Layers =
            [
                new FlattenJob(),
                new DenseJob { Units = 4096, Activation = ActivationKind.ReLU },
                new DenseJob { Units = 5120, Activation = ActivationKind.ReLU },
                new DenseJob { Units = Classes },
            ],
        },
        _ => throw new UserError($"--case: found \"{name}\"{JobNames.DidYouMean(name, [.. Names])} allowed: one of {string.Join(", ", Names)}"),
    };

    /// <summary>Pictures of uniform noise with classes at random.</summary>
    public static IDataSource Data(int batch)
    {
        var shape = new Shape(28, 28, 1);
        int samples = Batches * batch;
        float[] pixels = new float[samples * shape.Length];
        Philox.FillUniform(1, 0, 0, Philox.Stream("bench/pixels"), pixels);
        float[] draws = new float[samples];
        Philox.FillUniform(1, 0, 0, Philox.Stream("bench/classes"), draws);
        return Dataset.FromArrays(pixels, shape, Array.ConvertAll(draws, draw => (int)(draw * Classes)), Classes);
    }
}
