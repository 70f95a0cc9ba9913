namespace DistTrain.Graph;

/// <summary>What a window over a sequence sees beyond the ends.</summary>
public enum SequencePadding
{
    /// <summary>Nothing: windows lie within the sequence.</summary>
    Valid,

    /// <summary>Zeros so that out = ⌈in / stride⌉, one more at the end when their number is odd (Keras).</summary>
    Same,

    /// <summary>Zeros before the start alone: output t sees inputs up to t.</summary>
    Causal,
}
