namespace DistTrain.Hosting;

/// <summary>What a node's process ends with; only its launcher looks at them.</summary>
internal static class NodeExit
{
    public const int Done = 0;

    /// <summary>Said why before.</summary>
    public const int Failed = 1;

    /// <summary>Its launcher is gone.</summary>
    public const int Orphaned = 5;
}
