using DistTrain.Tensors;
using Kernel = DistTrain.Tensors.Softmax;

namespace DistTrain.Graph;

/// <summary>yᵢ = e^(xᵢ - max) / Σ e^(xⱼ - max) along the last axis. Backward: dxᵢ = yᵢ (dyᵢ - Σ dyⱼ yⱼ).</summary>
public sealed class Softmax : Activation
{
    public override string Kind => "softmax";

    public override BackwardReads Reads => BackwardReads.Output;

    /// <summary>An element depends on the whole axis.</summary>
    public override bool ForwardInPlace => false;

    public override bool BackwardInPlace => false;

    public override Shape InferShape(in OpInputs inputs) =>
        inputs[0].Rank > 0 ? inputs[0] : throw inputs.Refuse("it needs at least one axis");

    public override void Forward(ForwardContext context)
    {
        (int rows, int cols) = Sizes(context);
        Kernel.Forward(context.Pool, rows, cols, context.Input(0), context.Output);
    }

    public override void Backward(BackwardContext context)
    {
        (int rows, int cols) = Sizes(context);
        Kernel.Backward(context.Pool, rows, cols, context.Output, context.OutputGradient, context.InputGradient(0));
    }

    private static (int Rows, int Cols) Sizes(OpContext context)
    {
        Shape shape = context.OutputShape;
        int cols = shape[shape.Rank - 1];
        return (context.Rows * (shape.Length / cols), cols);
    }
}
