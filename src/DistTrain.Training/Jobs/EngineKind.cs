namespace DistTrain.Training;

/// <summary>What runs the coordinator, servers and workers of a run.</summary>
public enum EngineKind
{
    /// <summary>One process, machines on channels.</summary>
    Local,
}
