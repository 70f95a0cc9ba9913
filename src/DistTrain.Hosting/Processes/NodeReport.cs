namespace DistTrain.Hosting;

/// <summary>A process of the run.</summary>
public sealed record NodeReport
{
    public required int Node { get; init; }

    /// <summary>Id on its host.</summary>
    public required int ProcessId { get; init; }

    /// <summary>"coordinator", "worker 0": the place it fills; what it hosts has other numbers once something was started again.</summary>
    public required string Name { get; init; }

    /// <summary>Over all lanes, since the measurement before; null before the second one.</summary>
    public double? BytesSentPerSecond { get; init; }

    public double? BytesReceivedPerSecond { get; init; }
}
