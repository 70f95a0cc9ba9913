using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>The networks that other software was measured with as well.</summary>
internal static class BenchCase
{
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
                new DenseJob { Units = BenchData.Classes },
            ],
        },
        _ => throw new UserError($"--case: found \"{name}\"{JobNames.DidYouMean(name, [.. Names])} allowed: one of {string.Join(", ", Names)}"),
    };
}
