namespace DistTrain.Training;

/// <summary>What early stopping and plateau schedules watch; beside the loss and its accuracy, the names of <see cref="Tensors.MetricKind"/>.</summary>
public enum MonitorKind
{
    /// <summary>Mean loss; smaller is better.</summary>
    Loss,

    /// <summary>Share of right answers; larger is better.</summary>
    Accuracy,

    TopKAccuracy,
    Precision,
    Recall,
    F1,
    RocAuc,
    MeanAbsoluteError,
    RootMeanSquaredError,
    R2,
    Perplexity,
}
