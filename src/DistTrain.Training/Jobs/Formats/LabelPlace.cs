namespace DistTrain.Training;

/// <summary>Where the label stands in a line with tabs.</summary>
public enum LabelPlace
{
    /// <summary>Before the first tab.</summary>
    First,

    /// <summary>Behind the last tab.</summary>
    Last,
}
