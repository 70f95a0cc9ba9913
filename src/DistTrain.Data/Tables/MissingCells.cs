namespace DistTrain.Data;

/// <summary>What is done about cells of features that are missing. Fitted on the training part.</summary>
public enum MissingCells
{
    /// <summary>The mean of the column; for categories the most frequent one.</summary>
    Mean,

    /// <summary>The value in the middle; for categories the most frequent one.</summary>
    Median,

    /// <summary>The most frequent value, the smallest of several.</summary>
    MostFrequent,

    /// <summary>A given number; for categories none of them, all places 0.</summary>
    Constant,

    /// <summary>The row is left out.</summary>
    Drop,

    /// <summary>The row is refused.</summary>
    Refuse,
}
