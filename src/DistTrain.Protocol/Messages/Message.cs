namespace DistTrain.Protocol;

/// <summary>What machines say to each other. A closed set: <see cref="MessageCodec"/> knows each; docs/PROTOCOL.md has the table.</summary>
/// <param name="Epoch">The run epoch the sender is in; 0 before it knows one.</param>
public abstract record Message(RunEpoch Epoch)
{
    /// <summary>The floats that travel with the message, or null.</summary>
    public virtual BlockBuffer? Payload => null;

    /// <summary>
    /// What a host sends first when it must choose, smaller first: control messages 0, then blocks in the order a forward
    /// pass needs them.
    /// </summary>
    public virtual int Urgency => 0;
}

/// <summary>Why a message was refused.</summary>
public enum RefusalReason
{
    /// <summary>Wire version, numerics version, job or data differ.</summary>
    OtherRun = 0,

    /// <summary>The sender was taken for lost; its number will not be accepted again.</summary>
    TakenForLost = 1,

    /// <summary>The message belongs to a run epoch that has ended.</summary>
    StaleEpoch = 2,

    /// <summary>The run has ended.</summary>
    RunEnded = 3,

    /// <summary>The message makes no sense where it arrived: a defect of the sender.</summary>
    Invalid = 4,

    /// <summary>An audit found the sender's sums to be wrong: it must not come back, under any number, before its machine is repaired.</summary>
    ComputesWrong = 5,
}

/// <summary>Either way, between any two: the message was not acted upon.</summary>
/// <param name="Epoch">The refusing machine's run epoch.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">The same for people.</param>
public sealed record Refused(RunEpoch Epoch, RefusalReason Reason, string Text) : Message(Epoch);
