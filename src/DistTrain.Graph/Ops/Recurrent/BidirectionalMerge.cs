namespace DistTrain.Graph;

/// <summary>What becomes of the two directions' outputs.</summary>
public enum BidirectionalMerge
{
    /// <summary>Side by side, forward first.</summary>
    Concat,

    /// <summary>forward + backward.</summary>
    Sum,

    /// <summary>(forward + backward) 0.5</summary>
    Ave,

    /// <summary>forward · backward, element by element.</summary>
    Mul,
}
