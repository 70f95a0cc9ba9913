namespace DistTrain.Protocol;

/// <summary>
/// A pure machine: the same inputs give the same effects, byte for byte. One way in, one way out; it never waits, it is told.
/// Not safe for several threads at once: a host steps it from one thread at a time.
/// </summary>
public interface IMachine
{
    MachineId Id { get; }

    /// <summary>Whether the machine's part in the run is over; it then ignores every input.</summary>
    bool HasEnded { get; }

    /// <summary>Acts upon one input. Buffers of the input are borrowed for the call; see <see cref="BlockBuffer"/>.</summary>
    void Step(Input input, Outbox outbox);
}
