namespace DistTrain.Training;

/// <summary>What is done to features before the network sees them.</summary>
public enum ScaleKind
{
    /// <summary>Bytes of pictures to 0..1; numbers as they are.</summary>
    Unit,

    /// <summary>(x - mean) / deviation of each place of the last dimension, over the training part.</summary>
    Standard,

    /// <summary>(x - smallest) / (largest - smallest) of each column, over the training part.</summary>
    MinMax,
}
