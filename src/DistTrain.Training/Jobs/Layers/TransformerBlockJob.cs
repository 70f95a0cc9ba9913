using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Attention and a two-layer network, each behind a LayerNormalization and added to its input.</summary>
[JobChoice("TransformerBlock", "Attention and a two-layer network, each behind a LayerNormalization and added to its input.")]
public sealed record TransformerBlockJob : LayerJob
{
    [JobKey("Heads, which share the features.", Required = true, Min = 1, Max = 1024)]
    public int Heads { get; init; } = 1;

    [JobKey("A position sees itself and those before it.")]
    public bool Causal { get; init; }

    [JobKey("Width of the inner layer; 0: four times the features.", Min = 0, Max = 1 << 20)]
    public int Hidden { get; init; }

    [JobKey("Share that is zeroed behind the attention and behind the network.", Min = 0, Max = 1, BelowMax = true)]
    public double Dropout { get; init; }

    [JobKey("Of the LayerNormalizations.", Min = 0, AboveMin = true)]
    public double Epsilon { get; init; } = 0.001;

    [JobKey("First values of the weights.")]
    public InitializerKind KernelInitializer { get; init; } = InitializerKind.GlorotUniform;

    public override Op ToOp() => new TransformerBlock(Heads, Causal)
    {
        Hidden = Hidden,
        Dropout = (float)Dropout,
        Epsilon = (float)Epsilon,
        KernelInitializer = KernelInitializer.ToInitializer(),
    };
}
