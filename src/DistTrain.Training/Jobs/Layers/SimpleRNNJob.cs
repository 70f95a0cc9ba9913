using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>A recurrent layer without gates: tanh(x W + h U + b).</summary>
[JobChoice("SimpleRNN", "A recurrent layer without gates: tanh(x W + h U + b).")]
public sealed record SimpleRNNJob : RecurrentLayerJob
{
    [JobKey(UnitsDoc, Required = true, Min = 1, Max = 1 << 16)]
    public int Units { get; init; }

    [JobKey("Of the state: tanh or relu.")]
    public ActivationKind Activation { get; init; } = ActivationKind.Tanh;

    public override RecurrentLayer ToLayer() => new SimpleRNN(Units, Activation.ToOp())
    {
        ReturnSequences = ReturnSequences,
        GoBackwards = GoBackwards,
        UseBias = UseBias,
        KernelInitializer = KernelInitializer.ToInitializer(),
        RecurrentInitializer = RecurrentInitializer.ToInitializer(),
        BiasInitializer = BiasInitializer.ToInitializer(),
    };
}
