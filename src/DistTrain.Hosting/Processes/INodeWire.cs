using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>A node's way to other nodes. Whatever is sent may be lost, repeated or late: machines and host channels repeat what matters.</summary>
internal interface INodeWire : IDisposable
{
    /// <summary>Where others reach this node, best first.</summary>
    IReadOnlyList<string> Addresses { get; }

    /// <summary>Where blocks should lie that are to be sent; null: anywhere.</summary>
    IBlockMemory? Memory { get; }

    /// <summary>Who looks by himself for what others of this host say; null: nobody can, the wire's threads bring everything.</summary>
    InboxWatch? Watch { get; }

    /// <summary>Sent and received so far.</summary>
    (long Sent, long Received) Bytes { get; }

    /// <summary>The node knows its run: machines may talk to each other from now on.</summary>
    void Enter(RunIdentity run);

    /// <summary>A node can be reached there from now on.</summary>
    void Reach(int node, IReadOnlyList<string> addresses);

    /// <summary>A node is gone for good.</summary>
    void Forget(int node);

    /// <summary>
    /// Returns at once; what is said waits for <see cref="Flush"/>. A reference to the payload goes to the wire, which releases it when
    /// it is written or lost.
    /// </summary>
    void Send(int node, MachineId from, MachineId to, Message message);

    /// <summary>After all that a machine says at a time: sends it, in as few calls as it fits in.</summary>
    /// <param name="all">Also what may wait for something else to be sent, as an answer that the next publication implies.</param>
    void Flush(bool all);

    /// <summary>Returns at once.</summary>
    void Send(int node, byte[] packet);
}
