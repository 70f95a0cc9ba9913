using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = ((x₀ + x₁) + x₂) ..., all of one shape. Backward: dxᵢ = dy.</summary>
public sealed class Add : Op
{
    public override string Kind => "add";

    public override bool PassesMask => true;

    public override int Arity => -1;

    public override BackwardReads Reads => BackwardReads.None;

    public override bool ForwardInPlace => true;

    public override bool BackwardInPlace => true;

    public override Shape InferShape(in OpInputs inputs) => inputs.CommonShape();

    public override void Forward(ForwardContext context)
    {
        Elementwise.Add(context.Pool, context.Input(0), context.Input(1), context.Output);
        for (int i = 2; i < context.InputCount; i++)
        {
            Elementwise.Add(context.Pool, context.Output, context.Input(i), context.Output);
        }
    }

    public override void Backward(BackwardContext context)
    {
        Span<float> dy = context.OutputGradient;
        for (int i = 0; i < context.InputCount; i++)
        {
            // Copying onto itself (input 0, in place) is a no-op of Span.CopyTo.
            if (context.WantsInputGradient(i))
            {
                dy.CopyTo(context.InputGradient(i));
            }
        }
    }
}
