using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>The networks of the house, as the layers a person would write.</summary>
internal static class Preset
{
    /// <summary>3x3 (-2), halved, 3x3 (-2), halved: 10 leaves one pixel.</summary>
    private const int PictureSideMin = 10;

    /// <param name="kind">Null: cnn for pictures, mlp for other data.</param>
    /// <param name="sampleShape">(height, width, channels), (positions) of token ids, or anything for mlp.</param>
    /// <param name="outputs">Width of the last layer.</param>
    /// <exception cref="UserError">The samples are not what the network takes.</exception>
    public static ModelJob Model(PresetKind? kind, Shape sampleShape, int outputs)
    {
        bool pictures = sampleShape is { Rank: 3 } && sampleShape[0] >= PictureSideMin && sampleShape[1] >= PictureSideMin;
        PresetKind chosen = kind ?? (pictures ? PresetKind.Cnn : PresetKind.Mlp);
        string name = JobBinder.EnumName(chosen.ToString());
        if (chosen is PresetKind.Cnn or PresetKind.Resnet8 or PresetKind.Resnet20 && !pictures)
        {
            throw new UserError(
                $"model.preset: {name} can't take samples {sampleShape}; allowed: pictures (height, width, channels) of at least {PictureSideMin} x {PictureSideMin}, or preset mlp");
        }

        if (chosen is PresetKind.CharTransformer or PresetKind.CharLstm or PresetKind.CharGru && sampleShape.Rank != 1)
        {
            throw new UserError($"model.preset: {name} can't take samples {sampleShape}; allowed: sequences of token ids (positions)");
        }

        return chosen switch
        {
            PresetKind.Cnn => new ModelJob { Layers = Cnn(outputs) },
            PresetKind.Resnet8 => ResidualNetwork.Of(8, outputs),
            PresetKind.Resnet20 => ResidualNetwork.Of(20, outputs),
            PresetKind.CharLstm => new ModelJob { Layers = Characters(outputs, new LSTMJob { Units = 128, ReturnSequences = true }) },
            PresetKind.CharGru => new ModelJob { Layers = Characters(outputs, new GRUJob { Units = 128, ReturnSequences = true }) },
            PresetKind.Tabular => new ModelJob { Layers = Tabular(outputs) },
            PresetKind.CharTransformer => new ModelJob { Layers = CharTransformer(outputs) },
            _ => new ModelJob { Layers = Mlp(outputs) },
        };
    }

    private static LayerJob[] Mlp(int outputs) =>
    [
        new FlattenJob(),
        new DenseJob { Units = 512, Activation = ActivationKind.ReLU },
        new DenseJob { Units = 256, Activation = ActivationKind.ReLU },
        new DenseJob { Units = outputs },
    ];

    private static LayerJob[] Tabular(int outputs) =>
    [
        new FlattenJob(),
        new DenseJob { Units = 64, Activation = ActivationKind.ReLU },
        new DenseJob { Units = 64, Activation = ActivationKind.ReLU },
        new DenseJob { Units = outputs },
    ];

    private static LayerJob[] Cnn(int outputs) =>
    [
        new Conv2DJob { Filters = 32, KernelSize = 3, Activation = ActivationKind.ReLU },
        new MaxPooling2DJob(),
        new Conv2DJob { Filters = 64, KernelSize = 3, Activation = ActivationKind.ReLU },
        new MaxPooling2DJob(),
        new FlattenJob(),
        new DenseJob { Units = outputs },
    ];

    /// <summary>Rows that start with deviation 1, as PyTorch's: with Keras' 0.05 the first steps learn little but their size.</summary>
    private static LayerJob[] Characters(int outputs, RecurrentLayerJob recurrent) =>
    [
        new EmbeddingJob { InputDim = outputs, OutputDim = 64, EmbeddingsInitializer = InitializerKind.StandardNormal },
        recurrent,
        new DenseJob { Units = outputs },
    ];

    /// <summary>GPT-2 made small: every position predicts the token after it. The vocabulary is the outputs'.</summary>
    private static LayerJob[] CharTransformer(int outputs)
    {
        const int Width = 128, Heads = 4, Blocks = 4;
        const double Epsilon = 1e-5;
        const InitializerKind Small = InitializerKind.SmallNormal;
        return
        [
            new EmbeddingJob { InputDim = outputs, OutputDim = Width, EmbeddingsInitializer = Small },
            new PositionEmbeddingJob { EmbeddingsInitializer = Small },
            .. Enumerable.Repeat(new TransformerBlockJob { Heads = Heads, Causal = true, Epsilon = Epsilon, KernelInitializer = Small }, Blocks),
            new LayerNormalizationJob { Epsilon = Epsilon },
            new DenseJob { Units = outputs, KernelInitializer = Small },
        ];
    }
}
