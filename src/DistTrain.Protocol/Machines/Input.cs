namespace DistTrain.Protocol;

/// <summary>What a machine is told. Everything it does is an answer to one of these.</summary>
public abstract record Input;

/// <summary>The first input of every machine.</summary>
public sealed record MachineStarted(long Tick) : Input;

/// <summary>Time passed. Ticks never go back; the host says how long one is.</summary>
public sealed record Ticked(long Tick) : Input;

/// <summary>A message arrived. May be late, repeated or out of order.</summary>
public sealed record MessageArrived(MachineId From, Message Message) : Input;

/// <summary>To the coordinator: a server or worker is gone for good. Only ever told for certain; a suspicion is <see cref="MemberSuspected"/>.</summary>
public sealed record MemberLost(MachineId Member, string Reason) : Input;

/// <summary>
/// To the coordinator: a worker may be cut off or stand still (a broken lane, a missed heartbeat). It stays a member and keeps what
/// it computes; others compute its ranges as well, and it gets no new ones until <see cref="MemberHeard"/>. Of a server it says nothing.
/// </summary>
public sealed record MemberSuspected(MachineId Member, string Reason) : Input;

/// <summary>To the coordinator: a suspicion was wrong or is over.</summary>
public sealed record MemberHeard(MachineId Member) : Input;

/// <summary>To a worker or server: leave as soon as the run can do without it.</summary>
public sealed record LeaveRequested : Input;

/// <summary>To a coordinator that succeeds another: these take part in the run.</summary>
/// <param name="Members">Workers and servers. Who is not named is found by its reports.</param>
/// <param name="AreAll">The host knows every machine that lives: nobody who is not named has blocks, so nobody is waited for.</param>
public sealed record MembersFound(IReadOnlyList<MachineId> Members, bool AreAll = false) : Input;

/// <summary>To the coordinator: stop as soon as possible, after a checkpoint.</summary>
public sealed record StopRequested : Input;

/// <summary>To the coordinator: the manifest of a checkpoint is stored for good.</summary>
public sealed record ManifestCommitted(RunEpoch Epoch, WeightVersion Version) : Input;

/// <summary>To the coordinator: the manifest could not be stored.</summary>
public sealed record ManifestFailed(RunEpoch Epoch, WeightVersion Version, string Reason) : Input;

/// <summary>To a server, once for each block of a <see cref="LoadBlocks"/>.</summary>
/// <param name="Epoch">Of the request.</param>
/// <param name="Block">The block.</param>
/// <param name="Weights">Its weights; not written again by anyone.</param>
/// <param name="Slots">The rule's state, all floats of slot 0, then slot 1, ...; of length 0 for a rule without state. Not written by anyone but the server.</param>
public sealed record BlockLoaded(RunEpoch Epoch, BlockId Block, BlockBuffer Weights, BlockBuffer Slots) : Input;

/// <summary>
/// Server: what <see cref="LoadBlocks"/> asks for cannot be read, or is not what was stored (SHA-256). Blocks that could be read may
/// be given too.
/// </summary>
/// <param name="Epoch">Run epoch of the request.</param>
/// <param name="Version">Of the checkpoint.</param>
/// <param name="Reason">For people: which file, and what is wrong with it.</param>
public sealed record LoadFailed(RunEpoch Epoch, WeightVersion Version, string Reason) : Input;

/// <summary>To a server: a <see cref="StoreShard"/> is stored.</summary>
/// <param name="Epoch">Of the request.</param>
/// <param name="Version">Of the request.</param>
/// <param name="Receipt">What the manifest needs to find and verify the shard.</param>
public sealed record ShardStored(RunEpoch Epoch, WeightVersion Version, string Receipt) : Input;

/// <summary>To a server: a <see cref="StoreShard"/> failed; training goes on without this checkpoint.</summary>
public sealed record ShardStoreFailed(RunEpoch Epoch, WeightVersion Version, string Reason) : Input;

/// <summary>
/// To a worker: the gradient sum of a block over a range is complete. A range is computed when this was told for every block,
/// in any order; deepest layers first is the natural one.
/// </summary>
/// <param name="Epoch">Of the request.</param>
/// <param name="Step">Of the request.</param>
/// <param name="Range">Of the request.</param>
/// <param name="Block">The block.</param>
/// <param name="Gradient">The tree sum over the range's slices, not normalised; not written again by anyone.</param>
/// <param name="Statistics">Of the range; the same with every block.</param>
public sealed record BlockGradientReady(
    RunEpoch Epoch,
    StepNumber Step,
    SliceRange Range,
    BlockId Block,
    BlockBuffer Gradient,
    RangeStatistics Statistics) : Input;

/// <summary>
/// To a worker: how long a range kept the compute port busy, told once after the last block of a range that was computed to its end.
/// </summary>
/// <param name="Epoch">Of the request.</param>
/// <param name="Step">Of the request.</param>
/// <param name="Range">Of the request.</param>
/// <param name="BusyMicroseconds">Without the time it waited for blocks, or handed on what was complete.</param>
public sealed record RangeMeasured(RunEpoch Epoch, StepNumber Step, SliceRange Range, long BusyMicroseconds) : Input;

/// <summary>To a worker: a batch of an evaluation set was computed on exactly the version asked for.</summary>
public sealed record EvaluationComputed(RunEpoch Epoch, WeightVersion Version, EvaluationBatch Batch, RangeStatistics Statistics) : Input;
