namespace DistTrain.Training;

/// <summary>What early stopping and plateau schedules watch.</summary>
public enum MonitorKind
{
    /// <summary>Mean loss; smaller is better.</summary>
    Loss,

    /// <summary>Share of right answers; larger is better.</summary>
    Accuracy,
}
