using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>A convolution turned around: pictures grow by the strides.</summary>
[JobChoice("Conv2DTranspose", "A convolution turned around: pictures grow by the strides.")]
public sealed record Conv2DTransposeJob : LayerJob
{
    [JobKey("Output channels.", Required = true, Min = 1, Max = 1 << 16)]
    public int Filters { get; init; }

    [JobKey("The window.", Required = true, Min = 1, Max = 1024)]
    public WindowSize KernelSize { get; init; } = 1;

    [JobKey(ActivationDoc)]
    public ActivationKind Activation { get; init; } = ActivationKind.Linear;

    [JobKey(StridesDoc, Min = 1, Max = 1024)]
    public WindowSize Strides { get; init; } = 1;

    [JobKey("same: as large as the input times the strides; valid: as large as the windows reach.")]
    public Padding Padding { get; init; } = Padding.Valid;

    [JobKey(UseBiasDoc)]
    public bool UseBias { get; init; } = true;

    [JobKey("First values of the weights.")]
    public InitializerKind KernelInitializer { get; init; } = InitializerKind.GlorotUniform;

    [JobKey("First values of the biases.")]
    public InitializerKind BiasInitializer { get; init; } = InitializerKind.Zeros;

    public override Op ToOp() => new Conv2DTranspose(Filters, KernelSize, Activation.ToOp())
    {
        Strides = Strides,
        Padding = Padding,
        UseBias = UseBias,
        KernelInitializer = KernelInitializer.ToInitializer(),
        BiasInitializer = BiasInitializer.ToInitializer(),
    };
}
