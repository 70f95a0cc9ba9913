using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>How a simulated run went.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="FinalVersion">Version the run ended with.</param>
/// <param name="FinalWeights">The flat vector at that version, from its checkpoint.</param>
/// <param name="WeightsSha256">SHA-256 of those floats, little-endian.</param>
/// <param name="TraceSha256">SHA-256 of every event in order: equal for the same seed, options and application.</param>
/// <param name="Events">Inputs given to machines.</param>
/// <param name="Ticks">Virtual time the run took.</param>
/// <param name="Faults">How often each kind fired; every kind is listed.</param>
/// <param name="RunEvents">What the coordinator reported, in order.</param>
/// <param name="Storage">What was stored; a later simulation can resume from it.</param>
public sealed record SimulationResult(
    ulong Seed,
    WeightVersion FinalVersion,
    float[] FinalWeights,
    string WeightsSha256,
    string TraceSha256,
    long Events,
    long Ticks,
    IReadOnlyDictionary<FaultKind, long> Faults,
    IReadOnlyList<RunEvent> RunEvents,
    SimulatedStorage Storage);
