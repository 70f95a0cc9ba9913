using DistTrain.Tensors;

namespace DistTrain.Graph.Tests;

/// <summary>What docs/custom-ops.md shows.</summary>
public class CustomOpTests
{
    [Fact]
    public void The_example_passes_its_check()
    {
        var b = new GraphBuilder();
        Value x = b.Apply(new FeatureScale(), b.Dense(b.Input(5), 4));
        GradientCheck.Check(b.Build(x).WithLoss(new MeanSquaredError()));
    }

    [Fact]
    public void The_document_shows_the_source()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "DistTrain.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException($"No DistTrain.sln above {AppContext.BaseDirectory}");
        }

        string document = File.ReadAllText(Path.Combine(root, "docs", "custom-ops.md"));
        string source = File.ReadAllText(Path.Combine(root, "tests", "DistTrain.Graph.Tests", "CustomOps", "FeatureScale.cs"));
        Assert.Contains(source[source.IndexOf("/// <summary>", StringComparison.Ordinal)..], document, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.02f, 1)]
    [InlineData(1, 0.98f)]
    public void Derivative_that_is_two_hundredths_off_is_named(float data, float parameters)
    {
        var b = new GraphBuilder();
        Value x = b.Apply(new Wrong(data, parameters), b.Dense(b.Input(5), 4));
        ModelGraph graph = b.Build(x).WithLoss(new MeanSquaredError());
        string message = Assert.Throws<InvalidOperationException>(() => GradientCheck.Check(graph)).Message;
        Assert.Contains(data == 1 ? "'wrong/scale'[" : "'dense/kernel'[", message, StringComparison.Ordinal);
    }

    /// <summary>y = s x² with factors on its gradients.</summary>
    private sealed class Wrong(float data, float parameters) : Op
    {
        public override string Kind => "wrong";

        public override Shape InferShape(in OpInputs inputs) => inputs[0];

        public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs) => [new("scale", new Shape(1), Initializer.Ones)];

        public override int ScratchPerSample(in OpInputs inputs) => inputs[0].Length;

        public override void Forward(ForwardContext context)
        {
            Elementwise.Square(context.Pool, context.Input(0), context.Output);
            Elementwise.Scale(context.Pool, context.Output, context.Parameter(0)[0], context.Output);
        }

        public override void BackwardParameters(BackwardContext context)
        {
            Span<float> terms = context.Scratch;
            Elementwise.Square(context.Pool, context.Input(0), terms);
            Elementwise.Multiply(context.Pool, terms, context.OutputGradient, terms);
            Elementwise.Scale(context.Pool, terms, parameters, terms);
            Reductions.SumRowsSliced(context.Pool, context.Slices(context.OutputShape.Length), 1, terms, context.ParameterGradient(0));
        }

        public override void Backward(BackwardContext context)
        {
            Elementwise.Multiply(context.Pool, context.Input(0), context.OutputGradient, context.InputGradient(0));
            Elementwise.Scale(context.Pool, context.InputGradient(0), 2 * data * context.Parameter(0)[0], context.InputGradient(0));
        }
    }
}
