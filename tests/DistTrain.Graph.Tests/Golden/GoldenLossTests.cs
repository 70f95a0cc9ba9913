using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>Losses against PyTorch's: tests/golden/losses.py.</summary>
[Trait("Category", "Golden")]
public class GoldenLossTests
{
    [Theory]
    [InlineData("meanSquaredError", 3)]
    [InlineData("meanAbsoluteError", 3)]
    [InlineData("sparseCategoricalCrossentropy", 4)]
    [InlineData("binaryCrossentropy", 2)]
    public void Loss_is_as_in_PyTorch(string name, int outputs) =>
        GoldenCase.Load($"loss_{name}").Check((b, x) => b.Dense(x[0], outputs), Loss.FromName(name));

    [Fact]
    public void Cross_entropy_of_positions_is_as_in_PyTorch() =>
        GoldenCase.Load("loss_sparseCategoricalCrossentropy_positions")
            .Check((b, x) => b.Dense(x[0], 3), new SparseCategoricalCrossentropy());
}
