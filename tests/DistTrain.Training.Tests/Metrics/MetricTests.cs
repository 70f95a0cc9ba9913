using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

/// <summary>Metrics of random outputs against their formulas over single samples.</summary>
public class MetricTests
{
    private const int Samples = 400;

    private static readonly Random Random = new(3);

    [Fact]
    public void Classes_are_counted_as_their_definitions_say()
    {
        float[] x = Draw(Samples * 4);
        int[] being = [.. Enumerable.Range(0, Samples).Select(_ => Random.Next(3))];
        int[] called = [.. x.Chunk(4).Select(row => Array.IndexOf(row, row.Max()))];
        EvaluationResult result = Evaluate(new SparseCategoricalCrossentropy(), Dataset.FromArrays(x, new Shape(4), being, 4));

        // Class 3 never is, but is called: it has precision 0.
        double[] precision = new double[4], recall = new double[4], f1 = new double[4];
        for (int c = 0; c < 4; c++)
        {
            double right = Count(i => being[i] == c && called[i] == c), all = Count(i => called[i] == c), of = Count(i => being[i] == c);
            (precision[c], recall[c], f1[c]) = (right / all, of > 0 ? right / of : 0, 2 * right / (all + of));
            for (int other = 0; other < 4; other++)
            {
                Assert.Equal(Count(i => being[i] == c && called[i] == other), result.Confusion![c, other]);
            }
        }

        Assert.Equal(precision.Average(), result[MetricKind.Precision], 1e-12);
        Assert.Equal(recall.Average(), result[MetricKind.Recall], 1e-12);
        Assert.Equal(f1.Average(), result[MetricKind.F1], 1e-12);
        Assert.Equal(Math.Exp(result.Loss), result[MetricKind.Perplexity], 1e-12);
        Assert.Throws<ArgumentException>(() => result[MetricKind.RocAuc]);
    }

    [Fact]
    public void Top_k_looks_at_the_k_largest_outputs_and_prefers_the_first_of_equal_ones()
    {
        IDataSource source = Dataset.FromArrays([3, 1, 2, /**/ 1, 2, 3, /**/ 5, 5, 5, /**/ 5, 5, 5], new Shape(3), [2, 0, 1, 2], 3);
        Assert.Equal(0.5, Evaluate(new SparseCategoricalCrossentropy(), source, topK: 2)[MetricKind.TopKAccuracy]);
        Assert.Equal(1, Evaluate(new SparseCategoricalCrossentropy(), source, topK: 3)[MetricKind.TopKAccuracy]);
        EvaluationResult first = Evaluate(new SparseCategoricalCrossentropy(), source, topK: 1);
        Assert.Equal(first.Accuracy, first[MetricKind.TopKAccuracy]);
    }

    /// <summary>Against all pairs; the histogram's error is that of pairs in one bin, which count half.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-6)]
    public void Area_under_the_curve_is_the_share_of_pairs_in_order(float shift)
    {
        int[] being = [.. Enumerable.Range(0, Samples).Select(i => i % 5 == 0 ? 1 : 0)];
        float[] x = [.. Draw(Samples).Select((value, i) => (2 * value) + being[i] + shift)];
        double inOrder = 0, pairs = 0;
        for (int i = 0; i < Samples; i++)
        {
            for (int j = 0; j < Samples; j++)
            {
                if (being[i] > being[j])
                {
                    pairs++;
                    inOrder += x[i] > x[j] ? 1 : x[i] == x[j] ? 0.5 : 0;
                }
            }
        }

        float[] two = [.. x.SelectMany(value => new[] { 0.5f, 0.5f + value })];
        double one = Evaluate(new BinaryCrossentropy(), Dataset.FromArrays(x, new Shape(1), being, 2))[MetricKind.RocAuc];
        Assert.Equal(inOrder / pairs, one, 3e-3);
        Assert.Equal(one, Evaluate(new SparseCategoricalCrossentropy(), Dataset.FromArrays(two, new Shape(2), being, 2))[MetricKind.RocAuc], 2e-3);
        Assert.Equal(1, Evaluate(new BinaryCrossentropy(), Dataset.FromArrays([-3, -2.5f, 0, 1e-9f, 2], new Shape(1), [0, 0, 0, 1, 1], 2))[MetricKind.RocAuc], 0.09);
    }

    [Fact]
    public void Bins_keep_the_order_of_scores()
    {
        float[] scores = [float.NegativeInfinity, -300, -7, -6.5f, -1, -0.01f, -1e-9f, 0, 0.01f, 1, 6.5f, 7, 300, float.PositiveInfinity];
        int[] bins = Array.ConvertAll(scores, Metric.BinOf);
        Assert.Equal(bins.Order(), bins);
        Assert.Equal((0, Metric.CurveBins - 1), (bins[0], bins[^1]));
        Assert.Equal(12, bins.Distinct().Count());
    }

    [Fact]
    public void Errors_of_numbers_are_those_of_the_formulas()
    {
        float[] x = Draw(Samples * 2), t = [.. Draw(Samples * 2).Select((value, i) => x[i] + (0.3f * value) + 1000)];
        double[][] error = [.. Enumerable.Range(0, 2).Select(o => x.Select((value, i) => (double)value - t[i]).Where((_, i) => i % 2 == o).ToArray())];
        EvaluationResult result = Evaluate(new Huber(), Dataset.FromArrays(x, new Shape(2), t, new Shape(2)));
        double r2 = Enumerable.Range(0, 2).Average(o =>
        {
            double[] own = [.. t.Where((_, i) => i % 2 == o).Select(value => (double)value)];
            double mean = own.Average();
            return 1 - (error[o].Sum(d => d * d) / own.Sum(value => (value - mean) * (value - mean)));
        });
        Assert.Equal(error.Average(own => own.Average(Math.Abs)), result[MetricKind.MeanAbsoluteError], 1e-3);
        Assert.Equal(Math.Sqrt(error.Average(own => own.Average(d => d * d))), result[MetricKind.RootMeanSquaredError], 1e-3);
        Assert.Equal(r2, result[MetricKind.R2], Math.Abs(r2) * 1e-5);
    }

    [Fact]
    public void Metrics_are_the_same_bits_in_pieces_of_any_size_and_skip_padding()
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Input(3, 4)).WithLoss(new SparseCategoricalCrossentropy(ignoreClass: -1));
        float[] x = Draw(60 * 12);
        float[] targets = [.. Enumerable.Range(0, 180).Select(i => i % 7 == 0 ? -1f : Random.Next(4))];
        float[] weights = [.. Enumerable.Range(0, 60).Select(_ => Random.NextSingle())];
        IDataSource source = Dataset.FromArrays(x, new Shape(3, 4), targets, new Shape(3)).WithWeights(weights);
        EvaluationResult Of(int rows) => new SliceEvaluation(graph, new ParameterLayout(graph), 8, 25, source, ForkJoinPool.Single, MetricPlan.All(graph)) { PieceRows = rows }
            .Evaluate(Array.Empty<float>());
        EvaluationResult whole = Of(1000), pieces = Of(3);
        Assert.Equal(whole.Metrics, pieces.Metrics);
        double weight = Enumerable.Range(0, 180).Sum(i => targets[i] < 0 ? 0 : weights[i / 3]);
        Assert.Equal(weight, Enumerable.Range(0, 16).Sum(i => whole.Confusion![i / 4, i % 4]), 1e-4);
    }

    [Theory]
    [InlineData("metrics: [rocAuc]", "train.metrics: rocAuc needs two classes, and sparseCategoricalCrossentropy on (3) has 3")]
    [InlineData("metrics: [r2]", "train.metrics: r2 measures numbers, not the targets of sparseCategoricalCrossentropy")]
    [InlineData("earlyStopping: { monitor: rootMeanSquaredError }", "train.earlyStopping.monitor: rootMeanSquaredError measures numbers")]
    [InlineData("metrics: [recal]", "train.metrics[0]: found \"recal\"; did you mean \"recall\"?")]
    public void Metrics_that_fit_no_loss_are_refused(string keys, string expected)
    {
        UserError error = Assert.Throws<UserError>(() => TestTasks.Task($"model: {{ layers: [Flatten, {{ Dense: 3 }}] }}\ntrain: {{ batch: 16, {keys} }}", validation: 9));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Steering_watches_any_of_them()
    {
        TrainingTask task = TestTasks.Task(
            TestTasks.Branching + "train: { epochs: 12, batch: 16, optimizer: { adam: 0.02 }, metrics: [recall], earlyStopping: { monitor: f1, patience: 2, restoreBest: true } }",
            validation: 40);
        var told = new List<TrainingEvent>();
        Checkpoint result = new LocalTrainer(task).Run(onEvent: told.Add);
        EpochCompleted best = told.OfType<EpochCompleted>().MaxBy(epoch => epoch.Validation![MetricKind.F1])!;
        Assert.Equal(best.Step, result.Step);
        Assert.Equal(["recall", "f1"], best.Validation!.Metrics.Select(metric => metric.Name));
    }

    private static double Count(Func<int, bool> which) => Enumerable.Range(0, Samples).Count(which);

    private static float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * Random.NextSingle()) - 1)];

    /// <summary>The outputs are the inputs.</summary>
    private static EvaluationResult Evaluate(Loss loss, IDataSource source, int topK = 2)
    {
        var b = new GraphBuilder();
        ModelGraph graph = b.Build(b.Input(source.SampleShape)).WithLoss(loss);
        return new SliceEvaluation(graph, new ParameterLayout(graph), 4, 64, source, ForkJoinPool.Single, MetricPlan.All(graph, topK)).Evaluate(Array.Empty<float>());
    }
}
