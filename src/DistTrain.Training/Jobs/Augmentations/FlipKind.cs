namespace DistTrain.Training;

/// <summary>Which way pictures are mirrored.</summary>
public enum FlipKind
{
    /// <summary>Left to right.</summary>
    Horizontal,

    /// <summary>Top to bottom.</summary>
    Vertical,

    /// <summary>Each way by itself.</summary>
    Both,
}
