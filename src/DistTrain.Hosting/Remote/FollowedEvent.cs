using System.Text.Json;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>A line that follows a run of a cluster: an event, or the run's end.</summary>
public sealed record FollowedEvent
{
    /// <summary>Null: the run has ended.</summary>
    public TrainingEvent? Event { get; init; }

    /// <summary>How it ended.</summary>
    public ClusterRunState? End { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Failure { get; init; }

    /// <summary>One line of JSON.</summary>
    public byte[] ToLine() => JsonSerializer.SerializeToUtf8Bytes(this, HostCodec.Options);

    /// <exception cref="JsonException">It is none.</exception>
    public static FollowedEvent Parse(ReadOnlySpan<byte> line) => JsonSerializer.Deserialize<FollowedEvent>(line, HostCodec.Options) ?? throw new JsonException("null");
}
