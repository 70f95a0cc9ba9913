namespace DistTrain.Tensors;

/// <summary>What an evaluation measures besides the loss and its own metric.</summary>
public enum MetricKind
{
    /// <summary>Share of samples whose class is among the k largest outputs.</summary>
    TopKAccuracy,

    /// <summary>Of what was called a class, the share that is: of class 1 where there are two, else the mean over the classes.</summary>
    Precision,

    /// <summary>Of what is a class, the share that was called so; likewise.</summary>
    Recall,

    /// <summary>2 precision · recall / (precision + recall) of a class; likewise.</summary>
    F1,

    /// <summary>Probability that a sample of class 1 scores above one of class 0; two classes.</summary>
    RocAuc,

    /// <summary>Mean of |p - t| over all outputs.</summary>
    MeanAbsoluteError,

    /// <summary>Root of the mean of (p - t)² over all outputs.</summary>
    RootMeanSquaredError,

    /// <summary>1 - Σ (p - t)² / Σ (t - mean t)², the mean over the outputs.</summary>
    R2,

    /// <summary>e to the mean cross-entropy.</summary>
    Perplexity,
}
