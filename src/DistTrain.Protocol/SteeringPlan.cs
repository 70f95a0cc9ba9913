using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>What is monitored, and what follows from it; part of the job, the same on every machine.</summary>
/// <param name="Set">Index of the monitored set in <see cref="RunPlan.Evaluations"/>; evaluated every pass.</param>
/// <param name="Rules">Pure; their means are made of <see cref="PassTotals.Sums"/> and the weight sum.</param>
public sealed record SteeringPlan(int Set, SteeringRules Rules)
{
    /// <summary>Whether the run ends with the weights of its best version.</summary>
    public bool RestoresBest => Rules.Stopping is { RestoreBest: true };
}
