using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Long short-term memory.</summary>
[JobChoice("LSTM", "Long short-term memory.")]
public sealed record LSTMJob : RecurrentLayerJob
{
    [JobKey(UnitsDoc, Required = true, Min = 1, Max = 1 << 16)]
    public int Units { get; init; }

    [JobKey("The biases of the forget gate start at 1.")]
    public bool UnitForgetBias { get; init; } = true;

    public override RecurrentLayer ToLayer() => new LSTM(Units)
    {
        UnitForgetBias = UnitForgetBias,
        ReturnSequences = ReturnSequences,
        GoBackwards = GoBackwards,
        UseBias = UseBias,
        KernelInitializer = KernelInitializer.ToInitializer(),
        RecurrentInitializer = RecurrentInitializer.ToInitializer(),
        BiasInitializer = BiasInitializer.ToInitializer(),
    };
}
