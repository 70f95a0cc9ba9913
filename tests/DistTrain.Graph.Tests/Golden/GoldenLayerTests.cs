using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>Layers against PyTorch's values, gradients and ten steps of gradient descent: tests/golden/layers.py.</summary>
[Trait("Category", "Golden")]
public class GoldenLayerTests
{
    public static TheoryData<string> Activations => ["linear", "relu", "leakyRelu", "sigmoid", "tanh", "gelu", "softmax", "silu", "elu", "selu", "softplus"];

    [Theory]
    [InlineData("dense", 4)]
    [InlineData("dense_of_positions", 2)]
    public void Dense_is_as_in_PyTorch(string name, int units) =>
        GoldenCase.Load(name).Check((b, x) => b.Dense(x[0], units));

    [Theory]
    [MemberData(nameof(Activations))]
    public void Activation_is_as_in_PyTorch(string name) =>
        GoldenCase.Load($"activation_{name}").Check((b, x) => b.Dense(x[0], 4, Activation.FromName(name)));

    [Fact]
    public void Conv2D_is_as_in_PyTorch()
    {
        GoldenCase.Load("conv2d").Check((b, x) => b.Conv2D(x[0], 3, 3));
        GoldenCase.Load("conv2d_same").Check((b, x) => b.Conv2D(x[0], 3, 3, padding: Padding.Same));
        GoldenCase.Load("conv2d_strides").Check((b, x) => b.Conv2D(x[0], 2, (3, 2), strides: (2, 1), useBias: false));
    }

    [Fact]
    public void Pooling_is_as_in_PyTorch()
    {
        GoldenCase.Load("max_pooling2d").Check((b, x) => b.MaxPooling2D(x[0]));
        GoldenCase.Load("average_pooling2d").Check((b, x) => b.AveragePooling2D(x[0], (2, 3), (2, 1)));
        GoldenCase.Load("global_average_pooling2d").Check((b, x) => b.GlobalAveragePooling2D(x[0]));
        GoldenCase.Load("global_average_pooling1d").Check((b, x) => b.GlobalAveragePooling1D(x[0]));
        GoldenCase.Load("global_average_pooling1d_masked").Check((b, x) => b.GlobalAveragePooling1D(b.Masking(x[0])));
    }

    [Fact]
    public void Add_Concatenate_and_Flatten_are_as_in_PyTorch() =>
        GoldenCase.Load("add_concatenate_flatten").Check((b, x) => b.Flatten(b.Concatenate(b.Add(x[0], x[0]), x[0])));

    [Fact]
    public void PReLU_is_as_in_PyTorch() =>
        GoldenCase.Load("prelu").Check((b, x) => b.Apply(new PReLU { SharedPositions = true }, x[0]));

    [Fact]
    public void Conv1D_is_as_in_PyTorch()
    {
        GoldenCase.Load("conv1d_same").Check((b, x) => b.Apply(new Conv1D(4, 3) { Strides = 2, Padding = SequencePadding.Same }, x[0]));
        GoldenCase.Load("conv1d_causal").Check((b, x) => b.Apply(new Conv1D(2, 3) { Padding = SequencePadding.Causal }, x[0]));
    }

    [Fact]
    public void Conv2DTranspose_is_as_in_PyTorch()
    {
        GoldenCase.Load("conv2d_transpose_valid").Check((b, x) => b.Apply(new Conv2DTranspose(3, 3) { Strides = 2 }, x[0]));
        GoldenCase.Load("conv2d_transpose_same").Check((b, x) => b.Apply(new Conv2DTranspose(3, 4) { Strides = 2, Padding = Padding.Same }, x[0]));
    }

    [Fact]
    public void Depthwise_and_separable_convolutions_are_as_in_PyTorch()
    {
        GoldenCase.Load("depthwise_conv2d").Check((b, x) => b.Apply(new DepthwiseConv2D(3) { Padding = Padding.Same }, x[0]));
        GoldenCase.Load("separable_conv2d").Check((b, x) => b.Apply(new SeparableConv2D(2, (2, 3)), x[0]));
    }

    [Fact]
    public void UpSampling2D_ZeroPadding2D_Permute_and_Reshape_are_as_in_PyTorch()
    {
        GoldenCase.Load("up_sampling2d_nearest").Check((b, x) => b.Apply(new UpSampling2D((2, 3)), x[0]));
        GoldenCase.Load("up_sampling2d_bilinear").Check((b, x) => b.Apply(new UpSampling2D((2, 3)) { Interpolation = Interpolation.Bilinear }, x[0]));
        GoldenCase.Load("zero_padding2d").Check((b, x) => b.Apply(new ZeroPadding2D(1, 1, 2, 0), x[0]));
        GoldenCase.Load("permute_reshape").Check((b, x) => b.Reshape(b.Permute(x[0], 3, 1, 2), new Tensors.Shape(4, 3)));
    }

    [Fact]
    public void LayerNormalization_is_as_in_PyTorch() =>
        GoldenCase.Load("layer_normalization").Check((b, x) => b.Apply(new LayerNormalization { Epsilon = 1e-5f }, x[0]));

    /// <summary>In one slice; the running averages are compared as trained weights, prediction uses their first values.</summary>
    [Fact]
    public void BatchNormalization_is_as_in_PyTorch_or_Keras()
    {
        GoldenCase.Load("batch_normalization_torch").Check((b, x) => b.Apply(BatchNormalization.AsInPyTorch, x[0]));
        GoldenCase.Load("batch_normalization_keras").Check((b, x) => b.BatchNormalization(x[0]));
    }

    [Fact]
    public void MultiHeadAttention_is_as_in_PyTorch()
    {
        GoldenCase.Load("multi_head_attention").Check((b, x) => b.MultiHeadAttention(x[0], 2, 3));
        GoldenCase.Load("multi_head_attention_causal").Check((b, x) => b.MultiHeadAttention(x[0], 2, 3, causal: true));
        GoldenCase.Load("multi_head_attention_cross").Check((b, x) => b.Apply(new MultiHeadAttention(2, 2, cross: true), [x[0], x[1]]));
    }

    [Fact]
    public void PositionEmbedding_and_TransformerBlock_are_as_in_PyTorch()
    {
        GoldenCase.Load("position_embedding").Check((b, x) => b.Apply(new PositionEmbedding(), x[0]));
        GoldenCase.Load("transformer_block").Check((b, x) => b.Apply(new TransformerBlock(2, causal: true) { Epsilon = 1e-5f }, x[0]));
    }
}
