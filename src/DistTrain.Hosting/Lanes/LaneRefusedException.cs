namespace DistTrain.Hosting;

/// <summary>Ends a handshake that one side refused. Its text has been told to the other side.</summary>
internal sealed class LaneRefusedException(LaneRefusal refusal) : Exception(refusal.Text)
{
    public LaneRefusal Refusal => refusal;
}
