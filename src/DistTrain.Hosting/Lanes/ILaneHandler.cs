using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// What a node does with what its lanes bring. Called on the lane's own thread, one call at a time for each peer, different peers at
/// once: what takes long here keeps this peer waiting and nobody else. Where threads of the node look into shared memory themselves, messages come
/// on those threads, too, and then beside other calls for the same peer.
/// </summary>
public interface ILaneHandler
{
    /// <summary>Last word on a node that dialed and is otherwise accepted; null: no objection.</summary>
    LaneRefusal? Admit(LaneIdentity identity) => null;

    /// <summary>The handshake succeeded, for the first time or again.</summary>
    void OnConnected(LanePeer peer);

    /// <summary>A lane that stood does not any more: a suspicion, not a death. A dialed one is dialed again.</summary>
    void OnBroken(LanePeer peer, string reason);

    /// <summary>Nobody answered where a lane was dialed, or not as a node does; it is dialed again.</summary>
    void OnUnreachable(LanePeer peer, string reason);

    /// <summary>A handshake failed by decision of this side or the other. A dialed lane that can't succeed later stays down.</summary>
    /// <param name="remote">Address of the other side, as far as it is known.</param>
    /// <param name="refusal">Why.</param>
    void OnRefused(string remote, LaneRefusal refusal);

    /// <summary>
    /// Memory for floats that are about to be read, with one reference, where the handler will want to have them; null: anywhere.
    /// </summary>
    /// <param name="head">The envelope without its floats, whoever wrote it.</param>
    /// <param name="floats">Length to rent.</param>
    /// <exception cref="InvalidDataException">The head is none: the lane breaks with this reason.</exception>
    BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => null;

    /// <summary>A message between machines.</summary>
    /// <param name="peer">Whose node sent it.</param>
    /// <param name="frame">Valid during the call; the reference to <see cref="LaneFrame.Run"/> is the handler's, to release or to pass on.</param>
    /// <exception cref="InvalidDataException">It is no message (<see cref="LaneFrame.Decode"/> throws so): the lane breaks with this reason.</exception>
    void OnMessage(LanePeer peer, in LaneFrame frame);

    /// <summary>Bytes of the host's own (<see cref="LanePeer.SendBytes"/>).</summary>
    /// <param name="peer">Whose node sent it.</param>
    /// <param name="channel">What kind, as host and peer have agreed.</param>
    /// <param name="bytes">Valid during the call.</param>
    /// <exception cref="InvalidDataException">They make no sense: the lane breaks with this reason.</exception>
    void OnBytes(LanePeer peer, int channel, ReadOnlySpan<byte> bytes);
}
