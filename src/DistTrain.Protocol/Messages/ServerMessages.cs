namespace DistTrain.Protocol;

/// <summary>The root sums of a step, as they entered the update.</summary>
public sealed record StepStatistics(StepNumber Step, RangeStatistics Statistics);

/// <summary>A server's part of a checkpoint: stored under a receipt that the run store understands, or failed with a reason.</summary>
/// <param name="Version">Of the weights.</param>
/// <param name="Receipt">What the host's store gave back (a file and its hash); null when it failed.</param>
/// <param name="Failure">Why it failed, for people; null when it is stored.</param>
public sealed record ShardOutcome(WeightVersion Version, string? Receipt, string? Failure);

/// <summary>Why a step cannot be applied.</summary>
/// <param name="Step">The step.</param>
/// <param name="Block">The block.</param>
/// <param name="Range">The smallest range known to be the cause.</param>
/// <param name="Tensor">The tensor that holds the offending float; "statistics" when it is a loss or metric.</param>
/// <param name="Text">One line for people, with all of the above.</param>
public sealed record StepFailure(StepNumber Step, BlockId Block, SliceRange Range, string Tensor, string Text);

/// <summary>What a server found of an audited range.</summary>
/// <param name="Step">The step.</param>
/// <param name="Block">The block.</param>
/// <param name="Range">The range.</param>
/// <param name="Workers">Decided: whose sums were wrong. Else: workers whose sums all differ from each other.</param>
/// <param name="IsDecided">Two others' sums were equal.</param>
public sealed record AuditFinding(StepNumber Step, BlockId Block, SliceRange Range, IReadOnlyList<int> Workers, bool IsDecided);

/// <summary>Server to worker, for each <see cref="PushGradient"/> that is not refused, stale or repeated ones included.</summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Step">Of the push.</param>
/// <param name="Block">Of the push.</param>
/// <param name="Range">Of the push.</param>
/// <param name="Current">The block's version now.</param>
public sealed record GradientAccepted(RunEpoch Epoch, StepNumber Step, BlockId Block, SliceRange Range, WeightVersion Current)
    : Message(Epoch);

/// <summary>Server to every worker that pulled, as soon as a block has a new version.</summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Block">The block.</param>
/// <param name="Version">The new version.</param>
/// <param name="Weights">Its weights.</param>
public sealed record BlockPublished(RunEpoch Epoch, BlockId Block, WeightVersion Version, BlockBuffer Weights) : Message(Epoch)
{
    public override BlockBuffer Payload => Weights;

    public override int Urgency => 1 + Block.Value;
}

/// <summary>
/// Server to coordinator: where it stands; after steps (<see cref="ReportPace"/>), each stored shard and each order, and every
/// <see cref="ProtocolOptions.ReportTicks"/>.
/// </summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="OrderSeen">Highest order received.</param>
/// <param name="Applied">All blocks of the server have at least this version.</param>
/// <param name="Statistics">Of steps not known to be committed and before <paramref name="Applied"/>, ascending.</param>
/// <param name="DroppedSamples">Samples whose sums arrived and were dropped, for the server's lowest block.</param>
/// <param name="Shards">Outcomes of checkpoints the orders still list.</param>
/// <param name="Failure">Why the run cannot go on, or null.</param>
public sealed record ServerReported(
    RunEpoch Epoch,
    long OrderSeen,
    WeightVersion Applied,
    IReadOnlyList<StepStatistics> Statistics,
    long DroppedSamples,
    IReadOnlyList<ShardOutcome> Shards,
    StepFailure? Failure) : Message(Epoch)
{
    /// <summary>Counts the server's reports, over all run epochs: the findings of an older one are out of date.</summary>
    public long Number { get; init; }

    /// <summary>Audited ranges that are disputed now; and who was found wrong, until the orders name them.</summary>
    public IReadOnlyList<AuditFinding> Findings { get; init; } = [];
}

/// <summary>Squared norm of a block's averaged gradient (<see cref="Tensors.GradientNorm"/>).</summary>
public readonly record struct BlockNorm(BlockId Block, double Squared);

/// <summary>
/// Server to coordinator, when the sums of all its blocks of a step are complete and the job clips by the global norm; repeated
/// until the scale arrives.
/// </summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Step">The step, which no block has applied.</param>
/// <param name="Norms">Of all the server's blocks, ascending.</param>
public sealed record GradientMeasured(RunEpoch Epoch, StepNumber Step, IReadOnlyList<BlockNorm> Norms) : Message(Epoch);
