namespace DistTrain.Hosting;

/// <summary>A handshake that failed by decision of one side; both sides hear of it.</summary>
/// <param name="Reason">The kind.</param>
/// <param name="Text">For people: what was found on either side.</param>
/// <param name="ByPeer">The other side refused; false: this one did.</param>
public sealed record LaneRefusal(LaneRefusalReason Reason, string Text, bool ByPeer = false)
{
    /// <summary>Whether the same attempt may succeed later.</summary>
    public bool IsTemporary => Reason is LaneRefusalReason.Crowded or LaneRefusalReason.Handshake;
}
