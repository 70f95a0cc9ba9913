using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>Layers against PyTorch's values, gradients and ten steps of gradient descent: tests/golden/layers.py.</summary>
[Trait("Category", "Golden")]
public class GoldenLayerTests
{
    public static TheoryData<string> Activations => ["linear", "relu", "leakyRelu", "sigmoid", "tanh", "gelu", "softmax"];

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
    }

    [Fact]
    public void Add_Concatenate_and_Flatten_are_as_in_PyTorch() =>
        GoldenCase.Load("add_concatenate_flatten").Check((b, x) => b.Flatten(b.Concatenate(b.Add(x[0], x[0]), x[0])));
}
