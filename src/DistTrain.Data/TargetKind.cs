namespace DistTrain.Data;

/// <summary>What a sample's target is.</summary>
public enum TargetKind
{
    /// <summary>No target: samples to predict from.</summary>
    None,

    /// <summary>One of several classes, as an index from 0; or one at each position of a sequence or picture.</summary>
    Class,

    /// <summary>Numbers: regression, or independent yes/no values as 1 and 0.</summary>
    Values,
}
