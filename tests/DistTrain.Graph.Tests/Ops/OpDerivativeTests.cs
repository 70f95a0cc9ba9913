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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GlobalAveragePooling1D_has_the_derivative_of_its_formula(bool masked)
    {
        var b = new GraphBuilder();
        Value x = b.Input(6, 3);
        Check(b, b.Dense(b.GlobalAveragePooling1D(b.Dense(masked ? b.Masking(x) : x, 4)), 2));
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

    /// <summary>More positions than are masked at a time.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(300)]
    public void SpatialDropout1D_has_the_derivative_of_its_formula(int positions)
    {
        var b = new GraphBuilder();
        Value x = b.Apply(new SpatialDropout1D(0.4f), b.Dense(b.Input(positions, 2), 6));
        Check(b, b.Dense(b.GlobalAveragePooling1D(x), 3));
    }

    [Fact]
    public void Multiply_has_the_derivative_of_its_formula()
    {
        var b = new GraphBuilder();
        Value x = b.Input(4);
        Value y = b.Dense(x, 6, Activation.Tanh);
        Check(b, b.Dense(b.Multiply(y, b.Dense(x, 6), y, b.Dense(y, 6)), 2));
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

    [Theory]
    [InlineData(SequencePadding.Valid, 1)]
    [InlineData(SequencePadding.Same, 2)]
    [InlineData(SequencePadding.Causal, 1)]
    [InlineData(SequencePadding.Causal, 3)]
    public void Conv1D_has_the_derivative_of_its_formula(SequencePadding padding, int stride)
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(7, 2), 3);
        Check(b, b.Apply(new Conv1D(4, 3) { Padding = padding, Strides = stride }, x));
    }

    [Theory]
    [InlineData(3, 2, Padding.Same)]
    [InlineData(3, 1, Padding.Same)]
    [InlineData(2, 3, Padding.Valid)]
    [InlineData(3, 2, Padding.Valid)]
    [InlineData(4, 1, Padding.Valid)]
    public void Conv2DTranspose_has_the_derivative_of_its_formula(int kernel, int stride, Padding padding)
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(4, 3, 2), 3);
        Check(b, b.Apply(new Conv2DTranspose(4, kernel) { Strides = stride, Padding = padding }, x));
    }

    [Theory]
    [InlineData(3, 1, Padding.Same, true)]
    [InlineData(3, 2, Padding.Same, false)]
    [InlineData(2, 2, Padding.Valid, true)]
    [InlineData(1, 1, Padding.Valid, false)]
    public void Depthwise_and_separable_convolutions_have_the_derivatives_of_their_formulas(int kernel, int stride, Padding padding, bool useBias)
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(6, 5, 2), 3);
        x = b.Apply(new DepthwiseConv2D(kernel) { Strides = stride, Padding = padding, UseBias = useBias }, x);
        Check(b, b.Apply(new SeparableConv2D(2, 2) { UseBias = useBias }, x));
    }

    [Theory]
    [InlineData(Interpolation.Nearest)]
    [InlineData(Interpolation.Bilinear)]
    public void UpSampling2D_and_ZeroPadding2D_have_the_derivatives_of_their_formulas(Interpolation interpolation)
    {
        var b = new GraphBuilder();
        Value x = b.Apply(new UpSampling2D((2, 3)) { Interpolation = interpolation }, b.Dense(b.Input(3, 4, 2), 3));
        Check(b, b.Dense(b.Apply(new ZeroPadding2D(1, 0, 2, 1), x), 2));
    }

    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(2, 1, 3)]
    [InlineData(3, 1, 2)]
    [InlineData(3, 2, 1)]
    public void Permute_has_the_derivative_of_its_formula(params int[] dims)
    {
        var b = new GraphBuilder();
        Check(b, b.Dense(b.Permute(b.Dense(b.Input(3, 4, 2), 5), dims), 2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PReLU_has_the_derivative_of_its_formula(bool shared)
    {
        var b = new GraphBuilder();
        Check(b, b.Dense(b.Apply(new PReLU { SharedPositions = shared }, b.Dense(b.Input(3, 2), 4)), 2));
    }

    [Theory]
    [InlineData(true, true, 5)]
    [InlineData(true, false, 16)]
    [InlineData(false, true, 33)]
    [InlineData(false, false, 2)]
    public void LayerNormalization_has_the_derivative_of_its_formula(bool center, bool scale, int features)
    {
        var b = new GraphBuilder();
        Value x = b.Apply(new LayerNormalization { Center = center, Scale = scale }, b.Dense(b.Input(3, 4), features));
        Check(b, b.Dense(x, 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Attention_has_the_derivative_of_its_formula(bool causal)
    {
        var b = new GraphBuilder();
        Check(b, b.MultiHeadAttention(b.Apply(new PositionEmbedding(), b.Dense(b.Input(5, 3), 6)), heads: 2, keyDim: 4, causal));
    }

    [Fact]
    public void Attention_leaves_padding_out()
    {
        var b = new GraphBuilder();
        Check(b, b.TransformerBlock(b.Dense(b.Masking(b.Input(6, 3)), 4), 2, causal: true));
    }

    [Fact]
    public void Attention_to_another_sequence_has_the_derivative_of_its_formula()
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(3, 2), 4), other = b.Dense(b.Input(5, 3), 2);
        Check(b, b.Apply(new MultiHeadAttention(2, 3, cross: true), [x, other]));
    }

    [Fact]
    public void Attention_to_data_that_nothing_trains_on_gives_the_rest_its_gradient()
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(3, 2), 4);
        Check(b, b.Apply(new AttentionHeads(2, cross: true), [x, b.Input(5, 8)]));
    }

    private static void Check(GraphBuilder builder, Value output) =>
        ExactGradientCheck.Check(builder.Build(output).WithLoss(new MeanSquaredError()));
}
