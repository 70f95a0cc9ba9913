using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>Every op, forward and backward, against double precision. A Dense before it makes its data gradient matter.</summary>
public class OpDerivativeTests
{
    public static TheoryData<string> Activations => [.. Activation.Names];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Activation_has_the_derivative_of_its_formula(string name)
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(6), 7);
        Check(b, b.Dense(b.Activation(x, Activation.FromName(name)), 2));
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void Activation_of_a_layer_has_the_derivative_of_its_formula(string name)
    {
        var b = new GraphBuilder();
        Value x = b.Conv2D(b.Input(4, 5, 2), 3, 2, Activation.FromName(name));
        Check(b, b.Dense(b.Flatten(x), 2, Activation.FromName(name)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dense_has_the_derivative_of_its_formula(bool useBias)
    {
        var b = new GraphBuilder();
        Check(b, b.Dense(b.Dense(b.Input(5), 9, useBias: useBias), 3, useBias: useBias));
    }

    [Fact]
    public void Dense_applies_to_the_last_axis_of_higher_ranks()
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Dense(b.Input(3, 2, 5), 4), 6);
        Assert.Equal(new Shape(3, 2, 6), x.Shape);
        Check(b, x);
    }

    [Theory]
    [InlineData(3, 1, Padding.Valid, true)]
    [InlineData(3, 1, Padding.Same, true)]
    [InlineData(3, 2, Padding.Same, false)]
    [InlineData(2, 2, Padding.Same, true)]
    [InlineData(2, 3, Padding.Valid, false)]
    [InlineData(1, 1, Padding.Valid, true)]
    public void Conv2D_has_the_derivative_of_its_formula(int kernel, int stride, Padding padding, bool useBias)
    {
        var b = new GraphBuilder();
        Value x = b.Conv2D(b.Input(7, 6, 2), 3, 2);
        Check(b, b.Conv2D(x, 4, kernel, strides: stride, padding: padding, useBias: useBias));
    }

    [Fact]
    public void Conv2D_takes_windows_and_strides_that_are_no_squares()
    {
        var b = new GraphBuilder();
        Value x = b.Conv2D(b.Input(7, 9, 1), 2, (2, 3), strides: (1, 2), padding: Padding.Same);
        Assert.Equal(new Shape(7, 5, 2), x.Shape);
        Check(b, b.Conv2D(x, 2, (3, 1), strides: (2, 1)));
    }

    [Theory]
    [InlineData(2, 2, Padding.Valid)]
    [InlineData(3, 2, Padding.Same)]
    [InlineData(3, 1, Padding.Valid)]
    [InlineData(2, 3, Padding.Same)]
    public void Pooling_has_the_derivative_of_its_formula(int pool, int stride, Padding padding)
    {
        var b = new GraphBuilder();
        Value x = b.Conv2D(b.Input(8, 7, 2), 3, 2);
        Value largest = b.MaxPooling2D(x, pool, stride, padding);
        Value mean = b.AveragePooling2D(x, pool, stride, padding);
        Check(b, b.Add(largest, mean));
    }

    [Fact]
    public void GlobalAveragePooling2D_has_the_derivative_of_its_formula()
    {
        var b = new GraphBuilder();
        Check(b, b.Dense(b.GlobalAveragePooling2D(b.Conv2D(b.Input(5, 6, 2), 3, 3)), 2));
    }

    [Fact]
    public void Views_pass_values_and_gradients_through()
    {
        var b = new GraphBuilder();
        Value x = b.Reshape(b.Dense(b.Input(4), 12), new Shape(2, 3, 2));
        Check(b, b.Dense(b.Flatten(b.Conv2D(x, 3, 2)), 2));
    }

    [Fact]
    public void Dropout_has_the_derivative_of_its_formula()
    {
        var b = new GraphBuilder();
        Value x = b.Dropout(b.Dense(b.Input(4), 40), 0.4f);
        Check(b, b.Dense(b.Dropout(x, 0.2f), 3));
    }

    [Fact]
    public void Add_has_the_derivative_of_its_formula()
    {
        var b = new GraphBuilder();
        Value x = b.Input(4);
        Value y = b.Dense(x, 6, Activation.Tanh);
        Check(b, b.Dense(b.Add(y, b.Dense(x, 6), y, b.Dense(y, 6)), 2));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(-2)]
    public void Concatenate_has_the_derivative_of_its_formula_along_every_axis(int axis)
    {
        var b = new GraphBuilder();
        Value input = b.Input(4, 4, 3);
        Value x = b.Conv2D(input, 3, 1);
        Value joined = b.Apply(new Concatenate(axis), [x, input, b.Conv2D(x, 3, 1)]);
        Check(b, b.Dense(joined, 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Embedding_has_the_derivative_of_its_formula(bool maskZero)
    {
        var b = new GraphBuilder();
        Check(b, b.Dense(b.Embedding(b.Input(7), 4, 3, maskZero), 2));
    }

    private static void Check(GraphBuilder builder, Value output) =>
        GradientCheck.Check(builder.Build(output).WithLoss(new MeanSquaredError()));
}
