using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>What people are told of a run, by the coordinator; in the order it happened.</summary>
public abstract record RunEvent;

/// <summary>A run epoch begins: every machine it waits for is there; ranges are handed out.</summary>
/// <param name="Epoch">The first one, or the one after a change of servers or of the coordinator.</param>
/// <param name="Version">Where it begins; steps from here on that were committed before are computed again.</param>
/// <param name="Totals">Of the pass that version stands in, as of that version.</param>
/// <param name="CommittedSamples">Of the run, as of that version.</param>
/// <param name="Servers">Machines that take part.</param>
/// <param name="Workers">Likewise.</param>
/// <param name="Spares">Workers for which no slice is left.</param>
public sealed record RunStarted(
    RunEpoch Epoch, WeightVersion Version, PassTotals Totals, long CommittedSamples, int Servers, int Workers, int Spares) : RunEvent;

/// <summary>A successor has collected what is committed; events go on from there, some of which the coordinator before it has told too.</summary>
public sealed record RunTakenOver(int Term, StepNumber Committed, PassTotals Totals, long CommittedSamples) : RunEvent;

/// <summary>A step is committed: each of its samples entered the weights once.</summary>
public sealed record StepCommitted(StepNumber Step, int Pass, int Samples, RangeStatistics Statistics) : RunEvent;

/// <summary>All steps of a pass are committed.</summary>
public sealed record PassCompleted(WeightVersion Version, PassTotals Totals) : RunEvent;

/// <summary>A set was evaluated on exactly this version.</summary>
public sealed record EvaluationCompleted(WeightVersion Version, string Set, PassTotals Totals) : RunEvent;

/// <summary>What followed from the measurement of a version; only told of runs whose jobs monitor something.</summary>
public sealed record RunSteered(WeightVersion Version, SteeringState State) : RunEvent;

/// <summary>A checkpoint is valid.</summary>
public sealed record CheckpointCommitted(WeightVersion Version) : RunEvent;

/// <summary>A checkpoint could not be stored; training goes on.</summary>
public sealed record CheckpointFailed(WeightVersion Version, string Reason) : RunEvent;

/// <summary>A checkpoint that the run was to go on from cannot be read; it goes on from the one before.</summary>
public sealed record CheckpointDamaged(WeightVersion Version, string Reason) : RunEvent;

/// <summary>A checkpoint that was due is left out: those before it are still being stored.</summary>
public sealed record CheckpointSkipped(WeightVersion Version) : RunEvent;

/// <summary>A machine joined.</summary>
public sealed record MemberJoined(MachineId Member) : RunEvent;

/// <summary>A machine is gone; for a worker, its uncommitted ranges are computed by others.</summary>
public sealed record MemberGone(MachineId Member, string Reason) : RunEvent;

/// <summary>Ranges of all steps from one on follow the workers' measured speeds.</summary>
public sealed record RangesBalanced(StepNumber From, IReadOnlyList<WorkerSpeed> Speeds) : RunEvent;

/// <summary>A worker is late or suspected: others compute its ranges too, and the first value wins. It stays a member.</summary>
public sealed record RangesBacked(StepNumber From, MachineId Worker, IReadOnlyList<MachineId> Helpers, string Reason) : RunEvent;

/// <summary>An audit found that a worker's sum differs from that of two others. It is gone from now on, and its machine should be tested.</summary>
public sealed record WorkerNamed(MachineId Worker, StepNumber Step, SliceRange Range, BlockId Block) : RunEvent;

/// <summary>Ranges should be audited, and fewer than two workers are there: until another one joins, what is computed enters unaudited.</summary>
public sealed record AuditsPaused : RunEvent;

/// <summary>The run cannot go on.</summary>
/// <param name="Reason">One line for people.</param>
/// <param name="Failure">The step that could not be applied, or null for another reason.</param>
public sealed record RunFailed(string Reason, StepFailure? Failure) : RunEvent;

/// <summary>The run is over, in order.</summary>
/// <param name="Version">The final version.</param>
/// <param name="Stopped">Whether it was stopped before the plan's end.</param>
/// <param name="CommittedSamples">Samples that entered the weights since the run started: each once a pass.</param>
/// <param name="DroppedSamples">Samples computed again or delivered twice, whose sums were dropped.</param>
/// <param name="Result">The version whose weights are the run's: the best one when the job says so, else the final one. It has a valid checkpoint.</param>
public sealed record RunCompleted(WeightVersion Version, bool Stopped, long CommittedSamples, long DroppedSamples, WeightVersion Result) : RunEvent
{
    /// <summary>Ranges that two workers computed, with equal sums.</summary>
    public long AuditedRanges { get; init; }
}
