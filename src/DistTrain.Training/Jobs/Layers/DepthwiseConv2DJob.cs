using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Convolution of each channel with a window of its own.</summary>
[JobChoice("DepthwiseConv2D", "Convolution of each channel with a window of its own.")]
public sealed record DepthwiseConv2DJob : LayerJob
{
    [JobKey("The window.", Required = true, Min = 1, Max = 1024)]
    public WindowSize KernelSize { get; init; } = 1;

    [JobKey(ActivationDoc)]
    public ActivationKind Activation { get; init; } = ActivationKind.Linear;

    [JobKey(StridesDoc, Min = 1, Max = 1024)]
    public WindowSize Strides { get; init; } = 1;

    [JobKey(PaddingDoc)]
    public Padding Padding { get; init; } = Padding.Valid;

    [JobKey(UseBiasDoc)]
    public bool UseBias { get; init; } = true;

    [JobKey("First values of the weights.")]
    public InitializerKind KernelInitializer { get; init; } = InitializerKind.GlorotUniform;

    [JobKey("First values of the biases.")]
    public InitializerKind BiasInitializer { get; init; } = InitializerKind.Zeros;

    public override Op ToOp() => new DepthwiseConv2D(KernelSize, Activation.ToOp())
    {
        Strides = Strides,
        Padding = Padding,
        UseBias = UseBias,
        KernelInitializer = KernelInitializer.ToInitializer(),
        BiasInitializer = BiasInitializer.ToInitializer(),
    };
}
