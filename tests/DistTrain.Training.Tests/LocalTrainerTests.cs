using System.Globalization;
using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

public class LocalTrainerTests
{
    private const string Small = TestTasks.Branching + "train: { epochs: 2, batch: 16, slices: 8, optimizer: { adam: 0.01 }, evaluationBatch: 20 }";

    /// <summary>Any way to cut the slices into ranges, any pool: the same bits as leaf by leaf.</summary>
    [Theory]
    [InlineData(16, 8, 1, 1)]
    [InlineData(16, 8, 2, 1)]
    [InlineData(16, 8, 8, 1)]
    [InlineData(16, 8, 8, 2)]
    [InlineData(16, 4, 4, 1)]
    [InlineData(13, 8, 4, 2)]
    [InlineData(3, 8, 8, 1)]
    [InlineData(3, 8, 2, 1)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(64, 16, 16, 1)]
    public void Ranges_give_the_bits_of_their_leaves(int batch, int slices, int rangeSlices, int threads)
    {
        TrainingTask task = TestTasks.Task(TestTasks.Branching + $"train: {{ batch: {batch}, slices: {slices}, steps: 9, optimizer: {{ adam: 0.01 }} }}");
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256(InRanges(task, rangeSlices, threads).Weights));
    }

    [Theory]
    [InlineData(16, 8, 8, 1)]
    [InlineData(16, 8, 8, 4)]
    [InlineData(16, 8, 8, 8)]
    [InlineData(16, 8, 4, 2)]
    [InlineData(13, 8, 8, 2)]
    [InlineData(3, 8, 8, 1)]
    [InlineData(3, 8, 4, 1)]
    [InlineData(64, 16, 16, 8)]
    public void A_range_computed_in_pieces_gives_the_bits_of_its_leaves(int batch, int slices, int rangeSlices, int pieceRows)
    {
        TrainingTask task = TestTasks.Task(TestTasks.Branching + $"train: {{ batch: {batch}, slices: {slices}, steps: 9, optimizer: {{ adam: 0.01 }} }}");
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256(InRanges(task, rangeSlices, 1, pieceRows).Weights));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(13)]
    public void An_evaluation_in_pieces_gives_the_bits_of_a_whole_one(int pieceRows)
    {
        TrainingTask task = TestTasks.Task(TestTasks.Branching + "train: { batch: 16, slices: 8, evaluationBatch: 20 }", validation: 27);
        float[] weights = task.InitialWeights();
        var whole = new SliceEvaluation(task, task.Data.Validation!, ForkJoinPool.Single) { PieceRows = int.MaxValue };
        var inPieces = new SliceEvaluation(task, task.Data.Validation!, ForkJoinPool.Single) { PieceRows = pieceRows };
        Assert.Equal(whole.Evaluate(weights), inPieces.Evaluate(weights));
    }

    [Fact]
    public void Statistics_of_a_range_in_pieces_are_told_before_its_first_gradient()
    {
        TrainingTask task = TestTasks.Task(Small);
        ReadOnlyMemory<float>[] parameters = task.Layout.Parts(task.InitialWeights());
        float[] whole = new float[Loss.StatisticCount], inPieces = new float[Loss.StatisticCount];
        new SliceGradient(task, ForkJoinPool.Single, int.MaxValue).Compute(0, 0, task.Slices, parameters, null, new FlatSink(task.Layout), whole);
        var sink = new FlatSink(task.Layout);
        var told = new List<int>();
        new SliceGradient(task, ForkJoinPool.Single, 1).Compute(
            0, 0, task.Slices, parameters, null, sink, inPieces, () => told.Add(sink.Completed.Count));
        Assert.Equal([0], told);
        Assert.Equal(whole, inPieces);
        Assert.Equal([.. Enumerable.Range(0, task.Layout.Parameters.Count)], sink.Completed.Order());
    }

    [Theory]
    [InlineData("sgd: 0.1")]
    [InlineData("momentum: 0.1")]
    [InlineData("nesterov: 0.1")]
    [InlineData("adagrad: 0.1")]
    [InlineData("rmsprop: 0.01")]
    [InlineData("adam: 0.01")]
    [InlineData("adamw: 0.01")]
    public void Every_optimizer_learns_and_gives_one_hash(string optimizer)
    {
        TrainingTask task = TestTasks.Task(
            "model: { layers: [Flatten, { Dense: 3 }] }\n" + $"train: {{ epochs: 3, batch: 16, optimizer: {{ {optimizer} }}, l2: 1e-4, clipValue: 0.5 }}");
        var losses = new List<double>();
        Checkpoint end = new LocalTrainer(task).Run(onEvent: happened => losses.Add(((EpochCompleted)happened).Train.Loss));
        Assert.Equal(3, losses.Count);
        Assert.True(losses[2] < losses[0], string.Join(", ", losses));
        Assert.Equal(WeightsHash.Sha256(end.Weights), WeightsHash.Sha256(InRanges(task, task.Slices, 1).Weights));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_run_that_is_resumed_ends_at_the_same_bits_and_metrics(long interruptedAfter)
    {
        TrainingTask task = TestTasks.Task(Small, validation: 30);
        using var folder = new TestFolder();
        var whole = new List<TrainingEvent>();
        var parts = new List<TrainingEvent>();
        Checkpoint straight = new LocalTrainer(task).Run(onEvent: whole.Add);
        var checkpoints = new CheckpointFolder(folder.Path, task.Layout);
        checkpoints.Write(new LocalTrainer(task).Run(onEvent: parts.Add, until: interruptedAfter), keep: 1);
        Checkpoint resumed = new LocalTrainer(task).Run(checkpoints.ReadNewest(out _), parts.Add);
        Assert.Equal(WeightsHash.Sha256(straight.Weights), WeightsHash.Sha256(resumed.Weights));
        Assert.Equal(straight.Slots, resumed.Slots);
        Assert.Equal(straight.Optimizer, resumed.Optimizer);
        Assert.Equal(whole, parts);
        Assert.Equal(2, whole.Count);
    }

    [Fact]
    public void Another_seed_gives_other_weights_and_the_same_seed_the_same()
    {
        string Hash(int seed) => WeightsHash.Sha256(new LocalTrainer(TestTasks.Task(Small.Replace("epochs: 2", $"seed: {seed}", StringComparison.Ordinal))).Run(until: 2).Weights);
        Assert.Equal(Hash(3), Hash(3));
        Assert.NotEqual(Hash(3), Hash(4));
    }

    [Fact]
    public void No_key_of_run_changes_a_bit()
    {
        string expected = Hash("");
        foreach (JobKey key in JobSection.Of(typeof(RunJob)).Keys)
        {
            string value = key.Name switch
            {
                "out" => "elsewhere",
                _ when key.Type.IsEnum => JobBinder.EnumNames(key.Type)[^1],
                _ => Math.Min(3, key.Rule.Max).ToString(CultureInfo.InvariantCulture),
            };
            string allows = key.Name == "replicas" ? "servers: 2, " : "";
            Assert.Equal(expected, Hash($"\nrun: {{ {allows}{key.Name}: {value} }}"));
        }

        static string Hash(string run)
        {
            TrainingTask task = TestTasks.Task(Small + run);
            return task.Job.Sha256() + WeightsHash.Sha256(new LocalTrainer(task).Run(until: 2).Weights);
        }
    }

    [Fact]
    public void Exclusive_or_is_learnt()
    {
        IDataSource xor = Dataset.FromArrays(new float[,] { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } }, new float[,] { { 0 }, { 1 }, { 1 }, { 0 } });
        Job job = JobFile.Parse("""
            model: { layers: [{ Dense: { units: 8, activation: tanh } }, { Dense: { units: 1, activation: sigmoid } }] }
            train: { epochs: 200, batch: 4, loss: binaryCrossentropy, optimizer: { adam: 0.05 } }
            """);
        TrainingTask task = TrainingTask.Create(job, new Splits(xor));
        var trainer = new LocalTrainer(task);
        EvaluationResult result = trainer.Evaluate(xor, trainer.Run().Weights)!;
        Assert.Equal(1, result.Accuracy);
        Assert.True(result.Loss < 0.1, $"loss {result.Loss}");
    }

    [Fact]
    public void Pictures_are_learnt_by_a_convolution()
    {
        TrainingTask task = TestTasks.Task(
            """
            model: { layers: [{ Conv2D: { filters: 4, kernelSize: [12, 1], activation: relu } }, Flatten, { Dense: { units: 16, activation: relu } }, { Dense: 3 }] }
            train: { epochs: 20, batch: 16, optimizer: { adam: 0.01 } }
            """,
            samples: 300,
            validation: 100);
        EpochCompleted? last = null;
        new LocalTrainer(task).Run(onEvent: happened => last = (EpochCompleted)happened);
        Assert.True(last!.Validation!.Accuracy > 0.85, $"accuracy {last.Validation.Accuracy}");
        Assert.True(last.Train.Loss < 0.5, $"loss {last.Train.Loss}");
    }

    [Fact]
    public void A_diverging_run_stops_and_names_step_layer_and_slice()
    {
        TrainingTask task = TestTasks.Task("model: { layers: [Flatten, { Dense: { units: 8, activation: relu } }, { Dense: 1 }] }\ntrain: { epochs: 50, batch: 16, loss: meanSquaredError, optimizer: { sgd: 1e20 } }");
        TrainingFailedException failed = Assert.Throws<TrainingFailedException>(() => new LocalTrainer(task).Run());
        Assert.Matches("^step [0-9]+, slice 0: (loss|dense(_1)?/(kernel|bias)\\[[0-9]+\\]) is not finite; ", failed.Message);
    }

    [Fact]
    public void Statistics_are_sums_over_the_samples_of_the_range()
    {
        TrainingTask task = TestTasks.Task(Small);
        var sink = new FlatSink(task.Layout);
        float[] statistics = new float[Loss.StatisticCount];
        bool told = false;
        Assert.True(new SliceGradient(task, ForkJoinPool.Single).Compute(
            3, 4, 2, task.Layout.Parts(task.InitialWeights()), null, sink, statistics, () => told = sink.Completed.Count == 0));
        Assert.True(told);
        Assert.Equal([.. Enumerable.Range(0, task.Layout.Parameters.Count)], sink.Completed.Order());

        // Step 3 is the short one: 53 = 3 * 16 + 5 samples, whose slices 4 and 5 are positions 2 and 3 without 2.5 -> [2, 3).
        Assert.Equal(1f, statistics[Loss.WeightColumn]);
        Assert.True(statistics[Loss.LossColumn] > 0);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(2)]
    public void A_step_allocates_nothing_once_a_pass_ran_but_for_the_order_of_the_next(int pieceRows)
    {
        TrainingTask task = TestTasks.Task(
            "model: { layers: [{ Conv2D: { filters: 3, kernelSize: 3, activation: relu } }, MaxPooling2D, Flatten, { Dropout: 0.3 }, { Dense: 3 }] }\n"
            + "train: { epochs: 4, batch: 16, slices: 8 }");
        var gradient = new SliceGradient(task, ForkJoinPool.Single, pieceRows);
        var sink = new FlatSink(task.Layout);
        float[] statistics = new float[Loss.StatisticCount];
        ReadOnlyMemory<float>[] parameters = task.Layout.Parts(task.InitialWeights());
        for (long step = 0; step < task.Steps.TotalSteps; step++)
        {
            sink.Completed.Clear();

            // What the runtime keeps only until a collection would be allocated anew.
            GC.Collect();
            long before = GC.GetAllocatedBytesForCurrentThread();
            gradient.Compute(step, 0, 2, parameters, null, sink, statistics);
            gradient.Compute(step, 4, 4, parameters, null, sink, statistics);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            // A pass begins by drawing its order; the first pass has the first of both sizes of a step.
            bool begins = step % task.Steps.StepsPerPass == 0;
            Assert.True(step < task.Steps.StepsPerPass || allocated <= (begins ? 1_000 : 0), $"step {step}: {allocated} bytes");
        }
    }

    /// <summary>A step by ranges of slices, each as one batch, and a tree over the ranges: what workers and servers do.</summary>
    private static Checkpoint InRanges(TrainingTask task, int rangeSlices, int threads, int pieceRows = int.MaxValue)
    {
        using var pool = new ForkJoinPool(threads);
        var gradient = new SliceGradient(task, pool, pieceRows);
        Checkpoint state = task.Start();
        while (state.Step < task.Steps.TotalSteps)
        {
            var nodes = new List<(float[] Gradient, float[] Statistics)?>();
            for (int first = 0; first < task.Slices; first += rangeSlices)
            {
                var sink = new FlatSink(task.Layout);
                float[] statistics = new float[Loss.StatisticCount];
                bool present = gradient.Compute(state.Step, first, rangeSlices, task.Layout.Parts(state.Weights), null, sink, statistics);
                Assert.Equal(present, gradient.Rows(state.Step, first, rangeSlices) > 0);
                nodes.Add(present ? (sink.Gradient, statistics) : null);
            }

            while (nodes.Count > 1)
            {
                nodes = [.. nodes.Chunk(2).Select(pair => Add(pair[0], pair[1]))];
            }

            float[] weights = new float[task.Layout.Length];
            UpdateStep update = state.Optimizer.Begin(task.Rule, task.Rates.At(state.Step));
            float[] slots = [.. state.Slots];
            task.Rule.Update(update, nodes[0]!.Value.Gradient, nodes[0]!.Value.Statistics[Loss.WeightColumn], state.Weights, weights, slots, slots);
            state = state with { Step = state.Step + 1, Weights = weights, Slots = slots, Optimizer = state.Optimizer.After(task.Rule) };
        }

        return state;
    }

    private static (float[] Gradient, float[] Statistics)? Add((float[] Gradient, float[] Statistics)? left, (float[] Gradient, float[] Statistics)? right) =>
        left is not { } a ? right : right is not { } b ? left
            : ([.. a.Gradient.Zip(b.Gradient, (x, y) => x + y)], [.. a.Statistics.Zip(b.Statistics, (x, y) => x + y)]);

    private sealed class FlatSink(ParameterLayout layout) : IGradientSink
    {
        public float[] Gradient { get; } = new float[layout.Length];

        public List<int> Completed { get; } = [];

        public Span<float> Destination(int parameterIndex) => layout.Part(Gradient, parameterIndex);

        public void Complete(int parameterIndex) => Completed.Add(parameterIndex);
    }
}
