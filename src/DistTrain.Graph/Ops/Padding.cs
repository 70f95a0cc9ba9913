namespace DistTrain.Graph;

/// <summary>What a window sees beyond the edges.</summary>
public enum Padding
{
    /// <summary>Nothing: windows lie within the picture; out = ⌊(in - window) / stride⌋ + 1.</summary>
    Valid,

    /// <summary>Zeros so that out = ⌈in / stride⌉, one more at the bottom and right when their number is odd (Keras, TensorFlow).</summary>
    Same,
}
