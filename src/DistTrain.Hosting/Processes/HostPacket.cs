namespace DistTrain.Hosting;

/// <summary>A host message on its way, or an acknowledgement alone.</summary>
/// <param name="Number">Counts the messages of this direction from 1; 0 for an acknowledgement alone, and for a message out of turn.</param>
/// <param name="Acknowledged">All messages of the other direction up to this one have arrived.</param>
/// <param name="Message">Null for an acknowledgement alone.</param>
internal sealed record HostPacket(long Number, long Acknowledged, HostMessage? Message);
