using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Gated recurrent unit.</summary>
[JobChoice("GRU", "Gated recurrent unit.")]
public sealed record GRUJob : RecurrentLayerJob
{
    [JobKey(UnitsDoc, Required = true, Min = 1, Max = 1 << 16)]
    public int Units { get; init; }

    [JobKey("The reset gate acts after the product with the state, as in PyTorch; false: before it.")]
    public bool ResetAfter { get; init; } = true;

    public override RecurrentLayer ToLayer() => new GRU(Units)
    {
        ResetAfter = ResetAfter,
        ReturnSequences = ReturnSequences,
        GoBackwards = GoBackwards,
        UseBias = UseBias,
        KernelInitializer = KernelInitializer.ToInitializer(),
        RecurrentInitializer = RecurrentInitializer.ToInitializer(),
        BiasInitializer = BiasInitializer.ToInitializer(),
    };
}
