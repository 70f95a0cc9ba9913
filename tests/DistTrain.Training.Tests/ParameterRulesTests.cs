using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

public class ParameterRulesTests
{
    private const int Length = 60;

    private static readonly (int Floats, ParameterRule Rule)[] Parameters =
    [
        (20, ParameterRule.Optimizer), (7, ParameterRule.RunningStatistics(0.9f)), (5, ParameterRule.Frozen),
        (3, ParameterRule.RunningStatistics(0.5f)), (25, ParameterRule.Optimizer),
    ];

    private static readonly float[] Sums = Draw(1), Weights = Draw(2);

    [Fact]
    public void Every_parameter_changes_by_its_own_rule()
    {
        var rules = new ParameterRules(Parameters, new Adam());
        (float[] weights, float[] slots) = Update(rules, [0, Length]);
        int offset = 0;
        foreach ((int floats, ParameterRule rule) in Parameters)
        {
            Range part = offset..(offset + floats);
            float[] expected = Weights[part];
            IUpdateRule? alone = rule.Kind switch
            {
                ParameterRuleKind.Optimizer => new Adam(),
                ParameterRuleKind.RunningStatistics => new RunningStatistics(rule.Momentum),
                _ => null,
            };
            float[] own = new float[(alone?.SlotCount ?? 0) * floats];
            alone?.Update(Step(), Sums[part], 8, Weights[part], expected, own, own);
            Assert.Equal(expected, weights[part]);
            Assert.Equal(own.Length == 0 ? new float[floats] : own[..floats], slots[part]);
            offset += floats;
        }
    }

    [Theory]
    [InlineData(0, 10, 23, 31, 36, Length)]
    [InlineData(0, 20, 27, 32, 35, Length)]
    [InlineData(0, 59, Length)]
    public void How_the_vector_is_cut_never_shows(params int[] cuts)
    {
        var rules = new ParameterRules(Parameters, new Adam());
        (float[] Weights, float[] Slots) whole = Update(rules, [0, Length]), cut = Update(rules, cuts);
        Assert.Equal(whole.Weights, cut.Weights);
        Assert.Equal(whole.Slots, cut.Slots);
    }

    [Fact]
    public void Norm_counts_the_optimizers_parameters_alone()
    {
        var rules = new ParameterRules(Parameters, new Sgd());
        double expected = GradientNorm.Squared(Sums.AsSpan(0, 20), 8) + GradientNorm.Squared(Sums.AsSpan(35, 25), 8);
        Assert.Equal(expected, rules.SquaredNorm(0, Sums, 8));
        Assert.Equal(0, rules.SquaredNorm(20, Sums.AsSpan(20, 15), 8));
        Assert.Equal(GradientNorm.Squared(Sums.AsSpan(10, 10), 8), rules.SquaredNorm(10, Sums.AsSpan(10, 12), 8));
    }

    /// <summary>Updates the vector part by part; slots of a part are slot-major.</summary>
    private static (float[] Weights, float[] Slots) Update(ParameterRules rules, int[] cuts)
    {
        float[] weights = new float[Length], slots = new float[rules.Optimizer.SlotCount * Length];
        for (int i = 1; i < cuts.Length; i++)
        {
            Range part = cuts[i - 1]..cuts[i];
            int length = cuts[i] - cuts[i - 1];
            float[] old = new float[rules.Optimizer.SlotCount * length], fresh = new float[old.Length];
            rules.Update(cuts[i - 1], 0, Step(), Sums.AsSpan(part), 8, Weights.AsSpan(part), weights.AsSpan(part), old, fresh);
            for (int slot = 0; slot < rules.Optimizer.SlotCount; slot++)
            {
                fresh.AsSpan(slot * length, length).CopyTo(slots.AsSpan((slot * Length) + cuts[i - 1]));
            }
        }

        return (weights, slots);
    }

    private static UpdateStep Step() => OptimizerState.Initial.Begin(new Adam(), 0.1f, gradientScale: 0.5f);

    private static float[] Draw(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => (2 * random.NextSingle()) - 1)];
    }
}
