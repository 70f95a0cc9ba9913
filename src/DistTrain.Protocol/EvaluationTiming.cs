namespace DistTrain.Protocol;

/// <summary>When a set is evaluated.</summary>
public enum EvaluationTiming
{
    /// <summary>After every pass (which includes the end of the run).</summary>
    EveryPass = 0,

    /// <summary>Once, on the last version of a run that was not stopped early.</summary>
    AtEnd = 1,
}
