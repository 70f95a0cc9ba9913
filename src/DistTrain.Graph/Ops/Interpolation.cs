namespace DistTrain.Graph;

/// <summary>What stands between the pixels of a picture that is made larger.</summary>
public enum Interpolation
{
    /// <summary>The pixel it belongs to.</summary>
    Nearest,

    /// <summary>A mean of the four around it, by distance from their centres.</summary>
    Bilinear,
}
