using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>The networks of the house, as the layers a person would write.</summary>
internal static class Preset
{
    /// <param name="kind">Null: cnn for pictures, mlp for other data.</param>
    /// <param name="sampleShape">(height, width, channels), or anything for mlp.</param>
    /// <param name="outputs">Width of the last layer.</param>
    /// <exception cref="UserError">The samples are no pictures, or too small ones.</exception>
    public static IReadOnlyList<LayerJob> Layers(PresetKind? kind, Shape sampleShape, int outputs)
    {
        bool pictures = sampleShape is { Rank: 3 } && sampleShape[0] >= PictureSideMin && sampleShape[1] >= PictureSideMin;
        if (kind == PresetKind.Cnn && !pictures)
        {
            throw new UserError(
                $"model.preset: cnn can't take samples {sampleShape}; allowed: pictures (height, width, channels) of at least {PictureSideMin} x {PictureSideMin}, or preset mlp");
        }

        return (kind ?? (pictures ? PresetKind.Cnn : PresetKind.Mlp)) switch
        {
            PresetKind.Cnn =>
            [
                new Conv2DJob { Filters = 32, KernelSize = 3, Activation = ActivationKind.ReLU },
                new MaxPooling2DJob(),
                new Conv2DJob { Filters = 64, KernelSize = 3, Activation = ActivationKind.ReLU },
                new MaxPooling2DJob(),
                new FlattenJob(),
                new DenseJob { Units = outputs },
            ],
            _ =>
            [
                new FlattenJob(),
                new DenseJob { Units = 512, Activation = ActivationKind.ReLU },
                new DenseJob { Units = 256, Activation = ActivationKind.ReLU },
                new DenseJob { Units = outputs },
            ],
        };
    }

    /// <summary>3x3 (-2), halved, 3x3 (-2), halved: 10 leaves one pixel.</summary>
    private const int PictureSideMin = 10;
}
