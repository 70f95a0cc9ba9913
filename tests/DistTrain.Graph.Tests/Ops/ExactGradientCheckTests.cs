using DistTrain.Tensors;
using DistTrain.TestKit;
using Xunit.Sdk;

namespace DistTrain.Graph.Tests;

/// <summary>The check itself: it must pass what is right and catch what is slightly wrong.</summary>
public class ExactGradientCheckTests
{
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1.0005f, 1, false)]
    [InlineData(1, 1.0005f, false)]
    public void Half_a_thousandth_too_much_is_caught(float forward, float backward, bool accepted)
    {
        var b = new GraphBuilder();
        Value x = b.Apply(new Square(forward, backward), b.Dense(b.Input(4), 3));
        ModelGraph graph = b.Build(x).WithLoss(new MeanSquaredError());
        Exception? failure = Record.Exception(() => ExactGradientCheck.Check(graph));
        Assert.Equal(accepted, failure is null);
        Assert.True(accepted || failure is TrueException, $"{failure}");
    }

    /// <summary>y = forward x², dx = 2 backward x dy.</summary>
    private sealed class Square(float forward, float backward) : Op, IDoubleFormula
    {
        public override string Kind => "square";

        public override Shape InferShape(in OpInputs inputs) => inputs[0];

        public override void Forward(ForwardContext context)
        {
            ReadOnlySpan<float> x = context.Input(0);
            for (int i = 0; i < x.Length; i++)
            {
                context.Output[i] = forward * x[i] * x[i];
            }
        }

        public override void Backward(BackwardContext context)
        {
            ReadOnlySpan<float> x = context.Input(0);
            for (int i = 0; i < x.Length; i++)
            {
                context.InputGradient(0)[i] = 2 * backward * x[i] * context.OutputGradient[i];
            }
        }

        public double[] Evaluate(double[][] inputs) => [.. inputs[0].Select(v => v * v)];
    }
}
