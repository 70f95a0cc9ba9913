using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Convolution of pictures (height, width, channels).</summary>
[JobChoice("Conv2D", "Convolution of pictures (height, width, channels).")]
public sealed record Conv2DJob : LayerJob
{
    [JobKey("Output channels.", Required = true, Min = 1, Max = 1 << 16)]
    public int Filters { get; init; }

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

    [JobKey("Keras' penalty on the weights: l1, l2.", Automatic = "none")]
    public RegularizerJob? KernelRegularizer { get; init; }

    public override Op ToOp() => new Conv2D(Filters, KernelSize, Activation.ToOp())
    {
        Strides = Strides,
        Padding = Padding,
        UseBias = UseBias,
        KernelInitializer = KernelInitializer.ToInitializer(),
        BiasInitializer = BiasInitializer.ToInitializer(),
        KernelRegularizer = KernelRegularizer?.ToRegularizer() ?? default,
    };
}
