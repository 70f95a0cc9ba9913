using System.Runtime.InteropServices;
using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>
/// What must hold whatever happens, checked at every effect: a version of a block has one possible value; servers go forward one
/// version at a time; nobody computes beyond the limit; steps, passes and measurements are reported in order, once in a run epoch,
/// with one possible value.
/// </summary>
internal sealed class InvariantChecker(RunPlan plan)
{
    private readonly Dictionary<(BlockId Block, WeightVersion Version), int[]> published = [];
    private readonly Dictionary<(MachineId Server, BlockId Block, RunEpoch Epoch), WeightVersion> newest = [];
    private readonly Dictionary<StepNumber, RangeStatistics> steps = [];
    private readonly Dictionary<WeightVersion, PassTotals> passes = [];
    private readonly Dictionary<(WeightVersion Version, string Set), PassTotals> evaluations = [];
    private readonly Dictionary<RunEpoch, StepNumber> limits = [];
    private StepNumber next;

    /// <summary>Checks one effect; throws <see cref="InvalidOperationException"/> with the values when something does not hold.</summary>
    public void Check(MachineId machine, Effect effect)
    {
        switch (effect)
        {
            case Send { Message: BlockPublished message }:
                Check(machine, message);
                break;
            case Send { Message: DirectWorker direct }:
                Require(direct.Committed <= direct.Limit, $"orders with {direct.Committed} committed and limit {direct.Limit}");
                Require(direct.Limit >= limits.GetValueOrDefault(direct.Epoch), $"the limit goes back from {limits.GetValueOrDefault(direct.Epoch)} to {direct.Limit}");
                limits[direct.Epoch] = direct.Limit;
                break;
            case ComputeRange compute:
                Require(compute.Step < limits[compute.Epoch], $"{machine} computes {compute.Step} beyond limit {limits[compute.Epoch]}");
                Require(compute.Range.Rows(plan.RowsOf(compute.Step), plan.Slices) > 0, $"{machine} computes {compute.Range} without samples");
                break;
            case StoreShard store:
                foreach (StoredBlock block in store.Blocks)
                {
                    CheckValue(block.Block, store.Version, block.Weights);
                }

                break;
            case Report report:
                Check(report.Event);
                break;
        }
    }

    private void Check(MachineId server, BlockPublished message)
    {
        CheckValue(message.Block, message.Version, message.Weights);
        (MachineId, BlockId, RunEpoch) key = (server, message.Block, message.Epoch);
        if (newest.TryGetValue(key, out WeightVersion known) && message.Version > known)
        {
            Require(message.Version == known.Next, $"{server} goes from {known} of {message.Block} to {message.Version}");
        }

        if (message.Version > newest.GetValueOrDefault(key))
        {
            newest[key] = message.Version;
        }
    }

    private void CheckValue(BlockId block, WeightVersion version, BlockBuffer weights)
    {
        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(weights.Span);
        if (!published.TryGetValue((block, version), out int[]? known))
        {
            published.Add((block, version), bits.ToArray());
        }
        else
        {
            Require(bits.SequenceEqual(known), $"{block} has two values at {version}");
        }
    }

    private void Check(RunEvent runEvent)
    {
        switch (runEvent)
        {
            case RunStarted started:
                next = started.Version.Step;
                break;
            case StepCommitted step:
                Require(step.Step == next, $"{step.Step} committed instead of {next}");
                next = next.Next;
                Same(steps, step.Step, step.Statistics);
                break;
            case PassCompleted pass:
                Same(passes, pass.Version, pass.Totals);
                Require(plan.EndsPass(pass.Version) && pass.Version == next.Before, $"a pass completed at {pass.Version}");
                break;
            case EvaluationCompleted evaluation:
                Same(evaluations, (evaluation.Version, evaluation.Set), evaluation.Totals);
                Require(evaluation.Version == next.Before, $"{evaluation.Version} measured when {next} is next");
                break;
            case RunCompleted completed:
                Require(completed.Version == next.Before, $"the run completed with {completed.Version} when {next} is next");
                break;
        }
    }

    private static void Same<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, TValue value)
        where TKey : notnull
    {
        if (!known.TryAdd(key, value))
        {
            Require(known[key]!.Equals(value), $"{key} has two values: {known[key]} and {value}");
        }
    }

    private static void Require(bool condition, string broken)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Invariant broken: {broken}.");
        }
    }
}
