namespace DistTrain.Hosting;

/// <summary>How the processes engine runs, beside the job.</summary>
public sealed record ProcessesOptions
{
    /// <summary>Starts a process of the run.</summary>
    public required NodeCommand Command { get; init; }

    /// <summary>Gets a file by which the live run is found; null: it can't be asked.</summary>
    public string? RunFolder { get; init; }

    /// <summary>Variables that the processes get beside this one's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The user's folder of data sets, for the workers; null: only the cache.</summary>
    public string? DataRoot { get; init; }

    /// <summary>Gets the lines that the processes write, each with its node's name in front.</summary>
    public TextWriter Log { get; init; } = TextWriter.Null;
}
