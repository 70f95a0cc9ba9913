using System.Runtime.CompilerServices;
using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>
/// What must hold whatever happens, checked at every input and effect: a version of a block has one possible value, wherever it is
/// seen; servers go forward by one version, none before all blocks are there; nobody computes beyond the limit; a message of
/// another run epoch has no effect; steps, passes and measurements are reported in order, with one possible value and every sample once.
/// </summary>
internal sealed partial class InvariantChecker(RunPlan plan, BlockPlan blocks)
{
    private readonly Dictionary<RunEpoch, StepNumber> limits = [];

    /// <summary>Checks one effect; throws <see cref="InvalidOperationException"/> with the values when something does not hold.</summary>
    public void Check(MachineId machine, Effect effect)
    {
        switch (effect)
        {
            case Send { Message: BlockPublished message }:
                CheckPublished(machine, message);
                break;
            case Send { Message: DirectWorker direct } send:
                Require(direct.Committed <= direct.Limit, $"orders with {direct.Committed} committed and limit {direct.Limit}");
                StepNumber before = limits.GetValueOrDefault(direct.Epoch);
                Require(direct.Limit >= before, $"the limit goes back from {before} to {direct.Limit}");
                limits[direct.Epoch] = direct.Limit;
                CheckOrders(send.To, direct);
                Enter(machine, direct.Epoch, direct.Order);
                break;
            case Send { Message: CollectBlocks }:
                collecting = true;
                break;
            case Send { Message: DirectServer direct }:
                Begin(direct);
                Enter(machine, direct.Epoch, direct.Order);
                break;
            case ComputeRange compute:
                Require(compute.Step < limits[compute.Epoch], $"{machine} computes {compute.Step} beyond limit {limits[compute.Epoch]}");
                Require(compute.Range.Rows(plan.RowsOf(compute.Step), plan.Slices) > 0, $"{machine} computes {compute.Range} without samples");
                break;
            case ComputeEvaluation evaluation:
                Require(evaluation.Version.Step <= limits[evaluation.Epoch], $"{machine} measures {evaluation.Version} beyond limit {limits[evaluation.Epoch]}");
                break;
            case StoreShard store:
                Check(store);
                break;
            case CommitManifest commit:
                Require(commit.Version.Value <= next.Value, $"a manifest of {commit.Version} when {next} is next");
                Require(commit.Totals.Samples == SamplesOfPassAt(commit.Version), $"the manifest of {commit.Version} holds {commit.Totals.Samples} samples of its pass instead of {SamplesOfPassAt(commit.Version)}");
                break;
            case Send { Message: GradientScaled scaled }:
                Same(scales, scaled.Step, scaled.Scale);
                break;
            case Report report:
                Check(report.Event);
                break;
        }
    }

    private static void Require(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref BrokenInvariant broken)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Invariant broken: {broken.ToString()}.");
        }
    }
}
