using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>
/// Graphs that nobody would think of: each layer takes values drawn from all that came before, so values have many users, views
/// of views, dead ends in memory and relus in every place. A plan that is wrong anywhere shows against one that reuses nothing.
/// </summary>
public class RandomGraphTests
{
    private const int Width = 6;

    [Fact]
    public void Plans_of_random_graphs_give_the_bits_of_plans_that_reuse_and_fuse_nothing()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            ModelGraph graph = Draw(seed);
            var batch = new GraphBatch(graph, 5, seed);
            var slices = SliceTree.ForRange(5, 2, 0, 2);
            var plain = GraphPlan.Create(graph, 5, PlanPurpose.Training, new PlanOptions(KeepEverything: true, Unfused: true));
            var executor = new GraphExecutor(GraphPlan.ForTraining(graph, 7), ForkJoinPool.Single);
            executor.Poison(float.NaN);
            TrainingStep expected = TrainingStep.Of(new GraphExecutor(plain, ForkJoinPool.Single), batch.Run(), slices);
            TrainingStep actual = TrainingStep.Of(executor, batch.Run(), slices);
            Assert.DoesNotContain(float.NaN, expected.Sums);
            expected.AssertSameBits(actual);
            AssertSamePrediction(graph, batch);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(42)]
    public void Gradients_of_random_graphs_are_those_in_double_precision(int seed) => ExactGradientCheck.Check(Draw(seed), rows: 4, seed);

    private static void AssertSamePrediction(ModelGraph graph, GraphBatch batch)
    {
        var plain = GraphPlan.Create(graph, 5, PlanPurpose.Prediction, new PlanOptions(KeepEverything: true, Unfused: true));
        var kept = new GraphExecutor(plain, ForkJoinPool.Single);
        var reused = new GraphExecutor(GraphPlan.ForPrediction(graph, 5), ForkJoinPool.Single);
        reused.Poison(float.NaN);
        kept.Forward(batch.Run());
        reused.Forward(batch.Run());
        Assert.Equal(TrainingStep.Bits(kept.Prediction.ToArray()), TrainingStep.Bits(reused.Prediction.ToArray()));
    }

    /// <summary>8 to 20 layers of one width; what nobody used is added up at the end, so that all lead to the output.</summary>
    private static ModelGraph Draw(int seed)
    {
        var random = new Random(seed);
        var b = new GraphBuilder();
        List<Value> values = [b.Input(Width), b.Input(Width)];
        Value shared = b.Dense(values[0], Width, Activation.Tanh);
        values.Add(shared);
        int layers = random.Next(8, 21);
        for (int i = 0; i < layers; i++)
        {
            Value x = Pick(), y = Pick();
            values.Add(random.Next(12) switch
            {
                0 or 1 => b.Dense(x, Width, Activation.ReLU),
                2 => b.Dense(x, Width),
                3 => b.Add(x, y),
                4 => b.Add(x, y, Pick()),
                5 => b.Activation(x, Activation.ReLU),
                6 => b.Activation(x, Activation.FromName(Activation.Names[random.Next(Activation.Names.Count)])),
                7 => b.Flatten(b.Reshape(x, new Shape(2, Width / 2))),
                8 => b.Dropout(x, 0.3f),
                9 => b.Again(shared, x),
                _ => b.Dense(b.Concatenate(x, y), Width),
            });
        }

        Value[] loose = [.. values.Where(value => values.TrueForAll(other =>
            other.Node == value.Node || !GraphOrder.Ancestors(other.Node).Contains(value.Node)))];
        Value joined = loose.Length == 1 ? loose[0] : b.Add(loose);
        return b.Build(b.Dense(joined, 2)).WithLoss(new MeanSquaredError());

        // Recent values are likelier, or chains would be rare.
        Value Pick() => values[Math.Max(random.Next(values.Count), random.Next(values.Count))];
    }
}
