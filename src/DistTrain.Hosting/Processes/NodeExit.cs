namespace DistTrain.Hosting;

/// <summary>What a node's process ends with, in the numbers of the command line.</summary>
internal static class NodeExit
{
    public const int Done = 0;

    /// <summary>Said why before.</summary>
    public const int Failed = 1;

    /// <summary>Its host lacks something that the job names.</summary>
    public const int BadInput = 2;

    /// <summary>Its launcher is gone.</summary>
    public const int Orphaned = 4;
}
