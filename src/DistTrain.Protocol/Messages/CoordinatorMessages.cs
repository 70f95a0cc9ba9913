namespace DistTrain.Protocol;

/// <summary>From a step on a worker computes these ranges, until the next period of the same list begins.</summary>
/// <param name="From">First step of the period.</param>
/// <param name="Ranges">Disjoint; empty for a spare. At most two, except after a loss and where it helps a late worker.</param>
public sealed record AssignmentPeriod(StepNumber From, IReadOnlyList<SliceRange> Ranges)
{
    public bool Equals(AssignmentPeriod? other) => other is not null && From == other.From && Ranges.SequenceEqual(other.Ranges);

    public override int GetHashCode() => From.GetHashCode();
}

/// <summary>One batch of an evaluation set.</summary>
/// <param name="Set">Index in <see cref="RunPlan.Evaluations"/>.</param>
/// <param name="Batch">Index of the batch in the set.</param>
public readonly record struct EvaluationBatch(int Set, int Batch);

/// <summary>
/// A range that at least two workers compute as a whole, and nobody in parts: whatever a worker's periods say, it computes an
/// audited range of a step only if it is its own.
/// </summary>
/// <param name="Step">The step.</param>
/// <param name="Range">A node of the slice tree; audited ranges of a step are disjoint.</param>
/// <param name="IsMine">Whether the worker that is told computes it.</param>
public readonly record struct AuditedRange(StepNumber Step, SliceRange Range, bool IsMine);

/// <summary>
/// Coordinator to worker: everything the worker has to know, as one state. The order with the highest number replaces all
/// before it; it is repeated until a report shows that it was seen.
/// </summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Order">Counts the orders to all machines.</param>
/// <param name="Owners">Server number of each block.</param>
/// <param name="Committed">Every step before this one is committed.</param>
/// <param name="Limit">Steps from this one on may not be started; never moves back within a run epoch.</param>
/// <param name="Periods">Ascending; the first begins at or before <paramref name="Committed"/>.</param>
/// <param name="Evaluations">Batches this worker evaluates on version <paramref name="Limit"/>.</param>
/// <param name="Ended">Stop: the run is over, or this worker asked to leave and is not needed any more.</param>
public sealed record DirectWorker(
    RunEpoch Epoch,
    long Order,
    IReadOnlyList<int> Owners,
    StepNumber Committed,
    StepNumber Limit,
    IReadOnlyList<AssignmentPeriod> Periods,
    IReadOnlyList<EvaluationBatch> Evaluations,
    bool Ended) : Message(Epoch)
{
    /// <summary>Of all steps before the limit that are not committed.</summary>
    public IReadOnlyList<AuditedRange> Audits { get; init; } = [];

    /// <summary>Whether a range of a step is audited.</summary>
    public bool IsAudited(StepNumber step, SliceRange range)
    {
        foreach (AuditedRange audit in Audits)
        {
            if (audit.Step == step && audit.Range == range)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Where the state of a block lies when a run epoch begins, if not in the run store at the epoch's first version.</summary>
/// <param name="Block">The block.</param>
/// <param name="Version">The epoch's first version, or the one after it: a block that is ahead stays so.</param>
/// <param name="Source">Server that holds it.</param>
public readonly record struct BlockCopy(BlockId Block, WeightVersion Version, int Source);

/// <summary>Coordinator to server: everything the server has to know, as one state; see <see cref="DirectWorker"/>.</summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Order">Counts the orders to all machines.</param>
/// <param name="Owners">Server number of each block.</param>
/// <param name="Replicas">Server number of the second copy of each block; empty when there are none.</param>
/// <param name="Start">Version the run epoch begins with.</param>
/// <param name="Copies">Blocks that come from a server; the others are loaded from the store at <paramref name="Start"/>.</param>
/// <param name="Settled">Every server has its blocks of this run epoch: what was held for it may be dropped.</param>
/// <param name="Progress">What is committed. Statistics of steps before it need not be kept.</param>
/// <param name="Checkpoints">Versions to store, not yet settled; each was announced before it could be passed.</param>
/// <param name="Workers">The only workers that need publications.</param>
/// <param name="Limit">Steps from this one on may not be updated by these orders when measurements steer the run.</param>
/// <param name="RateFactor">Factor of the learning rate of every step before the limit that is not applied yet.</param>
/// <param name="Ended">Stop: the run is over, or this server was asked to leave and is not needed any more.</param>
public sealed record DirectServer(
    RunEpoch Epoch,
    long Order,
    IReadOnlyList<int> Owners,
    IReadOnlyList<int> Replicas,
    WeightVersion Start,
    IReadOnlyList<BlockCopy> Copies,
    bool Settled,
    RunProgress Progress,
    IReadOnlyList<WeightVersion> Checkpoints,
    IReadOnlyList<int> Workers,
    StepNumber Limit,
    double RateFactor,
    bool Ended) : Message(Epoch)
{
    /// <summary>Audited sums of steps before this one need no second value, for nobody is there to compute it.</summary>
    public StepNumber Unaudited { get; init; }
}

/// <summary>Coordinator to every server with blocks, once the norms of all blocks are known; again to one that asks again.</summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Step">The step.</param>
/// <param name="Scale">Factor of its averaged gradient.</param>
public sealed record GradientScaled(RunEpoch Epoch, StepNumber Step, float Scale) : Message(Epoch);
