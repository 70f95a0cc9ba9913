namespace DistTrain.Graph;

/// <summary>One run of the arena during a span of time. Several values may lie in it one after the other (views, in place).</summary>
internal sealed class Storage(int perSample)
{
    public int PerSample { get; } = perSample;

    /// <summary>First step at which it is written.</summary>
    public int From { get; private set; } = int.MaxValue;

    /// <summary>Last step at which it is read or written.</summary>
    public int To { get; private set; } = -1;

    /// <summary>Position among the graph's inputs when this is the caller's memory; -1 otherwise.</summary>
    public int ExternalInput { get; init; } = -1;

    /// <summary>Floats from the start of the arena.</summary>
    public int Offset { get; set; } = -1;

    /// <summary>Whose values lie in it.</summary>
    public List<Node> Members { get; } = [];

    public void UseAt(int step)
    {
        From = Math.Min(From, step);
        To = Math.Max(To, step);
    }

    public bool LivesWith(Storage other) => From <= other.To && other.From <= To;
}
