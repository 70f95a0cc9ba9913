using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>A fault that a story tells.</summary>
/// <param name="Instant">When.</param>
/// <param name="Kind">A death, a join, a partition around one machine, or a stop.</param>
/// <param name="Machine">Who dies or is cut off.</param>
/// <param name="Instants">How long a partition lasts.</param>
public sealed record ScriptedFault(int Instant, FaultKind Kind, MachineId? Machine = null, int Instants = 0);
