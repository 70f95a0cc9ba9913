namespace DistTrain.Protocol;

/// <summary>What one evaluation batch gave, on a version.</summary>
public sealed record EvaluationResult(WeightVersion Version, EvaluationBatch Batch, RangeStatistics Statistics);

/// <summary>What a worker has computed in a run epoch, and how long that took: totals, so a lost report costs nothing.</summary>
/// <param name="Samples">Of all ranges that were computed to their end.</param>
/// <param name="BusyMicroseconds">Of the same ranges (<see cref="RangeMeasured"/>).</param>
public readonly record struct WorkDone(long Samples, long BusyMicroseconds);

/// <summary>
/// Worker to coordinator: where it stands; after steps (<see cref="ReportPace"/>), each evaluation batch and each order, and every
/// <see cref="ProtocolOptions.ReportTicks"/>.
/// </summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="OrderSeen">Highest order received.</param>
/// <param name="Accepted">Every push of this worker's ranges of steps before this one was accepted.</param>
/// <param name="Work">Since the run epoch began.</param>
/// <param name="Results">Evaluation results since the last order; repeated until the orders no longer ask for them.</param>
public sealed record WorkerReported(
    RunEpoch Epoch, long OrderSeen, StepNumber Accepted, WorkDone Work, IReadOnlyList<EvaluationResult> Results) : Message(Epoch);

/// <summary>Worker to the block's owner: the unnormalised gradient sum of a range; repeated until accepted or overtaken.</summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Step">The step; the gradient stands on version <see cref="StepNumber.Before"/>.</param>
/// <param name="Block">The block.</param>
/// <param name="Range">A node of the slice tree.</param>
/// <param name="Statistics">Of the same range; every block carries it, so that a step's statistics commit with its update.</param>
/// <param name="Gradient">The sum.</param>
/// <param name="IsAudited">It may enter the weights only when another worker sends the same bits.</param>
public sealed record PushGradient(
    RunEpoch Epoch,
    StepNumber Step,
    BlockId Block,
    SliceRange Range,
    RangeStatistics Statistics,
    BlockBuffer Gradient,
    bool IsAudited = false) : Message(Epoch)
{
    public override BlockBuffer Payload => Gradient;

    public override int Urgency => 1 + Block.Value;
}

/// <summary>
/// A <see cref="PushGradient"/> between two hosts, without what is +0 in its gradient: see <see cref="GradientRows"/>, which makes and
/// reads it. No machine sends or gets one.
/// </summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Step">As in the push.</param>
/// <param name="Block">As in the push.</param>
/// <param name="Range">As in the push.</param>
/// <param name="Statistics">As in the push.</param>
/// <param name="Length">Floats of the gradient.</param>
/// <param name="Packed">A map of its lines, then those that are not +0.</param>
/// <param name="IsAudited">As in the push.</param>
public sealed record PushRows(
    RunEpoch Epoch,
    StepNumber Step,
    BlockId Block,
    SliceRange Range,
    RangeStatistics Statistics,
    int Length,
    BlockBuffer Packed,
    bool IsAudited = false) : Message(Epoch)
{
    public override BlockBuffer Payload => Packed;

    public override int Urgency => 1 + Block.Value;
}

/// <summary>
/// Worker to server: publish to me from now on, and send what you have at or after a version. Repeated while blocks that
/// should be there are missing.
/// </summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Order">Highest order the worker has seen: a server that has seen it too knows whether the worker is a member.</param>
/// <param name="From">Oldest version of use.</param>
/// <param name="Blocks">The blocks that are missing.</param>
public sealed record PullBlocks(RunEpoch Epoch, long Order, WeightVersion From, IReadOnlyList<BlockId> Blocks) : Message(Epoch);
