namespace DistTrain.Simulation;

/// <summary>A simulated run broke an invariant, hung or failed: a defect of the protocol (or of the application), repeatable by its seed.</summary>
public sealed class SimulationFailedException : Exception
{
    public SimulationFailedException(ulong seed, long simulatedEvents, string what, IReadOnlyCollection<string> lastEvents, Exception? cause)
        : base($"Seed {seed}, event {simulatedEvents}: {what}{Environment.NewLine}The last events:{Environment.NewLine}{string.Join(Environment.NewLine, lastEvents)}", cause)
    {
        Seed = seed;
        SimulatedEvents = simulatedEvents;
    }

    public ulong Seed { get; }

    public long SimulatedEvents { get; }
}
