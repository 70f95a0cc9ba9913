namespace DistTrain.Data;

/// <summary>What is done to the numbers of a column. Fitted on the training part.</summary>
public enum ColumnScale
{
    /// <summary>As they are.</summary>
    None,

    /// <summary>(x - mean) / deviation.</summary>
    Standard,

    /// <summary>(x - smallest) / (largest - smallest).</summary>
    MinMax,
}
