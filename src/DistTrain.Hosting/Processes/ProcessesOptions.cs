using DistTrain.Tensors;

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

    /// <summary>Whether each worker's process is bound to its own part of the cores, where there are enough for all.</summary>
    public bool BindsCores { get; init; } = true;

    /// <summary>Where other hosts can join, besides the private sockets of this one; null: nowhere. A port 0 is any free one.</summary>
    public LaneAddress? Listen { get; init; }

    /// <summary>Who may connect.</summary>
    public NodeSecurity Security { get; init; } = new();

    /// <summary>The user's folder of data sets, for the workers; null: only the cache.</summary>
    public string? DataRoot { get; init; }

    /// <summary>Gets the lines that the processes write, each with its node's name in front.</summary>
    public TextWriter Log { get; init; } = TextWriter.Null;

    /// <summary>Refuses a door that nobody can dial, or that is open to strangers, before anything is written.</summary>
    /// <returns>The same options.</returns>
    /// <exception cref="UserError">Says what is missing.</exception>
    public ProcessesOptions Validated()
    {
        LaneSecurity lanes = Security.ToLanes();
        if (Listen is { } door)
        {
            if (door.Host is "0.0.0.0" or "::" or null)
            {
                throw new UserError($"--listen: found {door}, which nobody can dial; allowed: the address or name under which other hosts reach this one, with a port");
            }

            lanes.MustAllow(door);
        }

        return this;
    }
}
