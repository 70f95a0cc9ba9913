using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Convolution of sequences (steps, channels).</summary>
[JobChoice("Conv1D", "Convolution of sequences (steps, channels).")]
public sealed record Conv1DJob : LayerJob
{
    [JobKey("Output channels.", Required = true, Min = 1, Max = 1 << 16)]
    public int Filters { get; init; }

    [JobKey("Steps of the window.", Required = true, Min = 1, Max = 1 << 16)]
    public int KernelSize { get; init; } = 1;

    [JobKey(ActivationDoc)]
    public ActivationKind Activation { get; init; } = ActivationKind.Linear;

    [JobKey("Step of the window.", Min = 1, Max = 1024)]
    public int Strides { get; init; } = 1;

    [JobKey("same: zeros around; causal: zeros before the start; valid: none.")]
    public SequencePadding Padding { get; init; } = SequencePadding.Valid;

    [JobKey(UseBiasDoc)]
    public bool UseBias { get; init; } = true;

    [JobKey("First values of the weights.")]
    public InitializerKind KernelInitializer { get; init; } = InitializerKind.GlorotUniform;

    [JobKey("First values of the biases.")]
    public InitializerKind BiasInitializer { get; init; } = InitializerKind.Zeros;

    public override Op ToOp() => new Conv1D(Filters, KernelSize, Activation.ToOp())
    {
        Strides = Strides,
        Padding = Padding,
        UseBias = UseBias,
        KernelInitializer = KernelInitializer.ToInitializer(),
        BiasInitializer = BiasInitializer.ToInitializer(),
    };
}
