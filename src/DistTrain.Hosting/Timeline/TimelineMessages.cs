namespace DistTrain.Hosting;

/// <summary>Node, not numbered: what is the time? In nanoseconds of its own clock.</summary>
internal sealed record ClockAsked(long Sent) : HostMessage;

/// <summary>Launcher, not numbered: the question's time, and its own when that came and when it answered.</summary>
internal sealed record ClockTold(long Sent, long ReceivedThere, long SentThere) : HostMessage;

/// <summary>Node: bulk is spans (<see cref="SpanCodec"/>) in the launcher's clock.</summary>
internal sealed record SpansTold : HostMessage
{
    // One message of spans at a time is under way, and training's own messages don't wait for it.
    [System.Text.Json.Serialization.JsonIgnore]
    public override bool IsAwaited => true;
}
