namespace DistTrain.Graph;

/// <summary>Values of the forward pass that an op's backward reads.</summary>
[Flags]
public enum BackwardReads
{
    None = 0,
    Inputs = 1,
    Output = 2,
}
