namespace DistTrain.Hosting;

/// <summary>What <see cref="LaneBench"/> measured for one frame size over one kind of socket.</summary>
/// <param name="FrameBytes">Bytes of a frame's floats.</param>
/// <param name="LaneBytesPerSecond">Over a lane, one figure a turn.</param>
/// <param name="SocketBytesPerSecond">The same bytes copied by blocking Send and Receive, in turn with the lane.</param>
/// <param name="AllocatedBytesPerFrame">On both sides together, after the warm-up, with messages made beforehand and not decoded; the median of the turns.</param>
/// <param name="DecodedBytesPerFrame">What decoding a frame's message allocates as well: the message object. Null for frames larger than a block.</param>
/// <param name="ControlRoundTripSeconds">Small messages there and back, while frames saturate the lane, ascending.</param>
public sealed record LaneMeasurement(
    int FrameBytes,
    IReadOnlyList<double> LaneBytesPerSecond,
    IReadOnlyList<double> SocketBytesPerSecond,
    double AllocatedBytesPerFrame,
    double? DecodedBytesPerFrame,
    IReadOnlyList<double> ControlRoundTripSeconds);
