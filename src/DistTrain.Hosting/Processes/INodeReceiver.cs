using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>What a wire brings. Called on the wire's threads, for one node by one thread at a time.</summary>
internal interface INodeReceiver
{
    /// <summary>A reference to the message's payload goes to the receiver.</summary>
    void Receive(int node, MachineId from, MachineId to, Message message);

    /// <summary>Memory for the floats of a message that is about to be read, where they will be wanted; null: anywhere.</summary>
    /// <exception cref="InvalidDataException">The head is no message's.</exception>
    BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats);

    /// <summary>A host packet, valid during the call.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    void Receive(int node, ReadOnlySpan<byte> packet);

    /// <summary>A question of somebody who is no node; the answer, or null for none.</summary>
    byte[]? Answer(ReadOnlySpan<byte> question);

    /// <summary>A node that could be reached can't be (with the reason), or can be again: a suspicion, no more.</summary>
    void Suspect(int node, string? reason);

    /// <summary>A node that this one dialed and it will never have a lane: one of both refused for good. People were told.</summary>
    void Refused(int node);
}
