namespace DistTrain.Graph;

/// <summary>y = x, dx = dy.</summary>
public sealed class Linear : Activation
{
    public override string Kind => "linear";

    public override BackwardReads Reads => BackwardReads.None;

    public override bool IsView(bool training) => true;

    public override void Forward(ForwardContext context) => throw new InvalidOperationException("A view isn't computed.");

    public override void Backward(BackwardContext context) => throw new InvalidOperationException("A view isn't computed.");
}
