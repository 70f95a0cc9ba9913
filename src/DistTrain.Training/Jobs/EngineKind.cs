namespace DistTrain.Training;

/// <summary>What runs the coordinator, servers and workers of a run.</summary>
public enum EngineKind
{
    /// <summary>One process, machines on channels.</summary>
    Local,

    /// <summary>A process for the coordinator and one for each worker, which hosts a server too.</summary>
    Processes,
}
