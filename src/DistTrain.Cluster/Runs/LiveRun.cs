namespace DistTrain.Cluster;

/// <summary>A run that goes on, as a singleton leaves it to the next one.</summary>
/// <param name="Id">Of the run; never used for another one.</param>
/// <param name="Folder">Its folder, below the folder of runs.</param>
internal sealed record LiveRun(string Id, string Folder)
{
    /// <summary>Terms of coordinators so far.</summary>
    public int Term { get; init; }

    /// <summary>The next server's number.</summary>
    public int NextServer { get; init; }

    /// <summary>The next worker's number.</summary>
    public int NextWorker { get; init; }

    /// <summary>The next node's number; 0 is nobody's.</summary>
    public int NextLane { get; init; } = 1;

    /// <summary>Somebody asked it to end.</summary>
    public bool Stopping { get; init; }
}
