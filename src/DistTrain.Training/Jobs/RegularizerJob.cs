using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>kernelRegularizer of a layer: Keras' L1L2.</summary>
public sealed record RegularizerJob
{
    [JobKey("l1 times the sum of the weights' magnitudes is made small too.", Min = 0)]
    public double L1 { get; init; }

    [JobKey("l2 times the sum of the weights' squares is made small too.", Min = 0)]
    public double L2 { get; init; }

    internal static RegularizerJob? Of(Regularizer regularizer) => regularizer == default ? null : new RegularizerJob { L1 = regularizer.L1, L2 = regularizer.L2 };

    internal Regularizer ToRegularizer() => new((float)L1, (float)L2);
}
