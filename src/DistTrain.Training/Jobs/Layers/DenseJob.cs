using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Every output sees every input: x W + b.</summary>
[JobChoice("Dense", "Every output sees every input: x W + b.")]
public sealed record DenseJob : LayerJob
{
    [JobKey("Outputs.", Required = true, Min = 1, Max = 1 << 20)]
    public int Units { get; init; }

    [JobKey(ActivationDoc)]
    public ActivationKind Activation { get; init; } = ActivationKind.Linear;

    [JobKey(UseBiasDoc)]
    public bool UseBias { get; init; } = true;

    [JobKey("First values of the weights.")]
    public InitializerKind KernelInitializer { get; init; } = InitializerKind.GlorotUniform;

    [JobKey("First values of the biases.")]
    public InitializerKind BiasInitializer { get; init; } = InitializerKind.Zeros;

    [JobKey("Keras' penalty on the weights: l1, l2.", Automatic = "none")]
    public RegularizerJob? KernelRegularizer { get; init; }

    public override Op ToOp() => new Dense(Units, Activation.ToOp()) { UseBias = UseBias, KernelInitializer = KernelInitializer.ToInitializer(), BiasInitializer = BiasInitializer.ToInitializer(), KernelRegularizer = KernelRegularizer?.ToRegularizer() ?? default };
}
