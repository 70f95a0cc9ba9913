using System.Globalization;
using System.Text.Json.Nodes;
using DistTrain.Hosting;

namespace DistTrain.Cli;

/// <summary>One line of bench lanes.</summary>
internal sealed record LaneLine(string Transport, bool Tls, LaneMeasurement Measured)
{
    private double BytesPerSecond => Median(Measured.LaneBytesPerSecond);

    /// <summary>Median of the ratios of neighbours in time, so that a change of the processor's speed meets both.</summary>
    private double RatioToSocket => Median([.. Measured.LaneBytesPerSecond.Zip(Measured.SocketBytesPerSecond, (lane, socket) => lane / socket)]);

    private double RoundTripMilliseconds(double share) =>
        Measured.ControlRoundTripSeconds[Math.Min((int)(Measured.ControlRoundTripSeconds.Count * share), Measured.ControlRoundTripSeconds.Count - 1)] * 1e3;

    public JsonObject ToJson() => new()
    {
        ["case"] = "lanes",
        ["framework"] = "disttrain-" + CommandLine.Version,
        ["transport"] = Transport,
        ["tls"] = Tls,
        ["frame_bytes"] = Measured.FrameBytes,
        ["bytes_per_s"] = JsonLine.Rounded(BytesPerSecond),
        ["socket_bytes_per_s"] = JsonLine.Rounded(Median(Measured.SocketBytesPerSecond)),
        ["ratio_to_socket"] = JsonLine.Rounded(RatioToSocket),
        ["turns"] = Measured.LaneBytesPerSecond.Count,
        ["allocated_bytes_per_frame"] = Math.Round(Measured.AllocatedBytesPerFrame, 2),
        ["decoded_allocated_bytes_per_frame"] = Measured.DecodedBytesPerFrame is { } decoded ? Math.Round(decoded, 2) : null,
        ["control_round_trip_p50_ms"] = JsonLine.Rounded(RoundTripMilliseconds(0.5)),
        ["control_round_trip_p99_ms"] = JsonLine.Rounded(RoundTripMilliseconds(0.99)),
        ["control_round_trips"] = Measured.ControlRoundTripSeconds.Count,
    };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Transport}{(Tls ? " tls" : ""),-4} {Measured.FrameBytes / 1024,5} KiB: {BytesPerSecond / 1e9:0.00} GB/s, {RatioToSocket:0.00} of a socket copy, {Measured.AllocatedBytesPerFrame:0.00} bytes allocated a frame, control round trip {RoundTripMilliseconds(0.5):0.00} ms median, {RoundTripMilliseconds(0.99):0.00} ms p99");

    private static double Median(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);
}
