using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>A fault that a story tells.</summary>
/// <param name="Instant">When.</param>
/// <param name="Kind">A death, a join, a partition around one machine, a slow, suspected or wrong worker, a full disk, damage of the newest checkpoint, or a stop.</param>
/// <param name="Machine">Who dies, is cut off, slow, suspected or wrong, or wrote what is damaged.</param>
/// <param name="Instants">How long a partition, slowness, suspicion or full disk lasts.</param>
/// <param name="Factor">How many times as long a slow worker computes.</param>
public sealed record ScriptedFault(int Instant, FaultKind Kind, MachineId? Machine = null, int Instants = 0, int Factor = 1);
