using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>An op that only gives its input another shape: y and x are the same memory, and so are dy and dx.</summary>
public abstract class View : Op
{
    public sealed override BackwardReads Reads => BackwardReads.None;

    public sealed override bool IsView(bool training) => true;

    public sealed override void Forward(ForwardContext context) => throw new InvalidOperationException("A view isn't computed.");

    public sealed override void Backward(BackwardContext context) => throw new InvalidOperationException("A view isn't computed.");
}
