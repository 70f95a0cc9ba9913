using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = ((x₀ x₁) x₂) ..., all of one shape. Backward: dxᵢ = dy times the other inputs in order, ((dy x₀) x₁) ... without xᵢ.</summary>
public sealed class Multiply : Op
{
    public override string Kind => "multiply";

    public override bool PassesMask => true;

    public override int Arity => -1;

    public override BackwardReads Reads => BackwardReads.Inputs;

    public override Shape InferShape(in OpInputs inputs) => inputs.CommonShape();

    public override void Forward(ForwardContext context)
    {
        Elementwise.Multiply(context.Pool, context.Input(0), context.Input(1), context.Output);
        for (int i = 2; i < context.InputCount; i++)
        {
            Elementwise.Multiply(context.Pool, context.Output, context.Input(i), context.Output);
        }
    }

    public override void Backward(BackwardContext context)
    {
        for (int i = 0; i < context.InputCount; i++)
        {
            if (!context.WantsInputGradient(i))
            {
                continue;
            }

            ReadOnlySpan<float> product = context.OutputGradient;
            for (int other = 0; other < context.InputCount; other++)
            {
                if (other != i)
                {
                    Elementwise.Multiply(context.Pool, product, context.Input(other), context.InputGradient(i));
                    product = context.InputGradient(i);
                }
            }
        }
    }
}
