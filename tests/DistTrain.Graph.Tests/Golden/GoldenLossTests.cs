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

    private static readonly float[] ClassWeights = [0.5f, 1, 2, 0.25f];

    private static readonly Dictionary<string, (int Outputs, Loss Loss)> Optional = new()
    {
        ["huber"] = (3, new Huber()),
        ["huber_delta"] = (3, new Huber(0.4f)),
        ["categoricalCrossentropy"] = (4, new CategoricalCrossentropy()),
        ["categoricalCrossentropy_smoothed"] = (4, new CategoricalCrossentropy(0.1f)),
        ["sparseCategoricalCrossentropy_smoothed"] = (4, new SparseCategoricalCrossentropy(0.1f)),
        ["sparseCategoricalCrossentropy_weighted"] = (4, new SparseCategoricalCrossentropy().Weighted(ClassWeights, WeightNormalization.Weights)),
        ["sparseCategoricalCrossentropy_weighted_by_samples"] = (4, new SparseCategoricalCrossentropy().Weighted(ClassWeights, WeightNormalization.Samples)),
        ["sparseCategoricalCrossentropy_ignored"] = (4, new SparseCategoricalCrossentropy(ignoreClass: 1)),
        ["klDivergence"] = (4, new KLDivergence()),
        ["binaryCrossentropy_smoothed"] = (2, new BinaryCrossentropy(0.1f)),
        ["hinge"] = (2, new Hinge()),
        ["hinge_squared"] = (2, new Hinge(squared: true)),
    };

    public static TheoryData<string> Options => [.. Optional.Keys];

    [Theory]
    [MemberData(nameof(Options))]
    public void Options_and_weights_are_as_in_PyTorch(string name)
    {
        (int outputs, Loss loss) = Optional[name];
        GoldenCase.Load($"loss_{name}").Check((b, x) => b.Dense(x[0], outputs), loss);
    }

    [Fact]
    public void Cross_entropy_of_positions_is_as_in_PyTorch() =>
        GoldenCase.Load("loss_sparseCategoricalCrossentropy_positions")
            .Check((b, x) => b.Dense(x[0], 3), new SparseCategoricalCrossentropy());
}
