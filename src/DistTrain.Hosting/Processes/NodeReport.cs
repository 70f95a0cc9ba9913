namespace DistTrain.Hosting;

/// <summary>A process of the run.</summary>
public sealed record NodeReport
{
    public required int Node { get; init; }

    /// <summary>Id on its host.</summary>
    public required int ProcessId { get; init; }

    /// <summary>"coordinator", "worker 0": the place it fills; what it hosts has other numbers once something was started again.</summary>
    public required string Name { get; init; }

    /// <summary>Over all lanes, since its start; null before the first measurement.</summary>
    public long? BytesSent { get; init; }

    public long? BytesReceived { get; init; }

    /// <summary>Share of the data that are here, of a process that gets them from the launcher; null: its host has them.</summary>
    public double? DataShare { get; init; }

    /// <summary>Over all lanes, since the measurement before; null before the second one.</summary>
    public double? BytesSentPerSecond { get; init; }

    public double? BytesReceivedPerSecond { get; init; }
}
