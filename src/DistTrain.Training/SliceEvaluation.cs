using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// Loss and metric sums over fixed slices of a set (docs/numerics.md, Evaluation): batches of train.evaluationBatch samples in the
/// set's order, each cut in V slices and summed by the tree.
/// </summary>
/// <remarks>One caller at a time, as its pool.</remarks>
public sealed class SliceEvaluation
{
    private readonly ModelGraph graph;
    private readonly ParameterLayout layout;
    private readonly int slices;
    private readonly ForkJoinPool pool;
    private readonly SliceTrees trees;
    private readonly BatchLoader loader;
    private readonly ReadOnlyMemory<float>[] inputs = new ReadOnlyMemory<float>[1];
    private GraphExecutor? executor;
    private float[] features = [];
    private readonly MetricSums? metricSums;
    private float[] partialSums = [];
    private float[] targets = [];
    private float[] weights = [];
    private int[] samples = [];

    /// <param name="task">Graph, V and size of a batch.</param>
    /// <param name="source">The validation or test part; samples and targets as the training part's.</param>
    /// <param name="pool">Belongs to the caller.</param>
    public SliceEvaluation(TrainingTask task, IDataSource source, ForkJoinPool pool)
        : this(task.Graph, task.Layout, task.Slices, task.Job.Train.EvaluationBatch, source, pool, task.Metrics)
    {
    }

    /// <param name="graph">With its loss.</param>
    /// <param name="layout">Of the graph.</param>
    /// <param name="slices">V.</param>
    /// <param name="evaluationBatch">Samples of a batch.</param>
    /// <param name="source">What is evaluated.</param>
    /// <param name="pool">Belongs to the caller.</param>
    /// <param name="metrics">What to sum besides the loss; null: nothing.</param>
    public SliceEvaluation(ModelGraph graph, ParameterLayout layout, int slices, int evaluationBatch, IDataSource source, ForkJoinPool pool, MetricPlan? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(source);
        int targetFloats = graph.Loss!.TargetShape(graph.Output.Shape).Length;
        if (source.SampleShape != graph.Inputs[0].Shape || source.Target.ValueLength != targetFloats)
        {
            throw new UserError(
                $"{source.Name}: has samples {source.SampleShape} with {source.Target.ValueLength} target values ({source.Target}); the model takes {graph.Inputs[0].Shape} with {targetFloats}");
        }

        this.graph = graph;
        this.layout = layout;
        this.slices = slices;
        this.pool = pool;
        PieceRows = RangePieces.Rows(GraphPlan.ForEvaluation(graph, 16), pool.Threads);
        trees = new SliceTrees(slices);
        loader = new BatchLoader(source, evaluationBatch, seed: 0, shuffle: false);
        Metrics = metrics;
        if (metrics is { SumCount: > 0 })
        {
            float[] reference = new float[source.Target.Length];
            source.Read(0, new float[source.SampleShape.Length], reference);
            metricSums = new MetricSums(metrics, reference);
        }
    }

    /// <summary>What is summed besides the loss; null: nothing.</summary>
    public MetricPlan? Metrics { get; }

    /// <summary>Floats of the sums of a range: those of <see cref="Loss"/>, then the metrics'.</summary>
    public int SumCount => Loss.StatisticCount + (Metrics?.SumCount ?? 0);

    /// <summary>A range of more samples is halved as long as it has several slices.</summary>
    internal int PieceRows { get; init; }

    /// <summary>Batches of the set.</summary>
    public int Batches => loader.StepsPerPass;

    /// <summary>Tree sums of a range of slices of one batch.</summary>
    /// <param name="batch">In [0, <see cref="Batches"/>).</param>
    /// <param name="firstSlice">First slice of the dyadic range.</param>
    /// <param name="sliceCount">Slices of the range, a power of two.</param>
    /// <param name="parameters">By parameter index.</param>
    /// <param name="gate">Null: all parameters are there.</param>
    /// <param name="sums"><see cref="SumCount"/> floats.</param>
    /// <returns>False when the range has no samples; nothing was written.</returns>
    public bool Compute(int batch, int firstSlice, int sliceCount, ReadOnlyMemory<float>[] parameters, IParameterGate? gate, Span<float> sums)
    {
        int batchRows = loader.RowsIn(batch);
        int piece = RangePieces.Slices(batchRows, slices, sliceCount, PieceRows);
        SliceTree pieces = trees.OfPieces(batchRows, firstSlice, sliceCount, piece);
        int width = SumCount;
        if (partialSums.Length < (pieces.StackDepth + 1) * width)
        {
            partialSums = new float[(pieces.StackDepth + 1) * width];
        }

        Span<float> stack = partialSums;
        sums = sums[..width];
        int depth = 0, present = 0;
        for (int slice = firstSlice; slice < firstSlice + sliceCount; slice += piece)
        {
            SliceTree tree = trees.Of(batchRows, slice, piece);
            if (tree.Rows == 0)
            {
                continue;
            }

            Forward(batch, SliceTree.SliceStart(batchRows, slices, slice), tree.Rows, parameters, gate);
            executor!.SumStatistics(tree, sums[..Loss.StatisticCount]);
            metricSums?.Sum(executor, targets.AsSpan(0, tree.Rows * loader.Source.Target.ValueLength), tree, sums[Loss.StatisticCount..]);
            for (int merge = 0; merge < pieces.MergesAfter[present]; merge++)
            {
                depth--;
                for (int i = 0; i < width; i++)
                {
                    sums[i] = stack[(depth * width) + i] + sums[i];
                }
            }

            sums.CopyTo(stack[(depth++ * width)..]);
            present++;
        }

        return present > 0;
    }

    /// <summary>The whole set: batches in order, their sums added in double precision.</summary>
    public EvaluationResult Evaluate(ReadOnlyMemory<float> weights)
    {
        ReadOnlyMemory<float>[] parameters = layout.Parts(weights);
        float[] sums = new float[SumCount];
        double[] totals = new double[SumCount - 1];
        double weightSum = 0;
        for (int batch = 0; batch < Batches; batch++)
        {
            Compute(batch, 0, slices, parameters, null, sums);
            weightSum += sums[Loss.WeightColumn];
            totals[0] += sums[Loss.LossColumn];
            totals[1] += sums[Loss.MetricColumn];
            for (int i = Loss.StatisticCount; i < sums.Length; i++)
            {
                totals[i - 1] += sums[i];
            }
        }

        return EvaluationResult.From(totals, weightSum, graph.Loss!, Metrics);
    }

    private void Forward(int batch, int firstPosition, int rows, ReadOnlyMemory<float>[] parameters, IParameterGate? gate)
    {
        IDataSource source = loader.Source;
        if (executor is null || executor.Plan.MaxRows < rows)
        {
            executor = new GraphExecutor(GraphPlan.ForEvaluation(graph, rows), pool);
            features = new float[rows * source.SampleShape.Length];
            targets = new float[rows * source.Target.Length];
            weights = new float[source.Target.IsWeighted ? rows : 0];
            samples = new int[rows];
        }

        int featureFloats = rows * source.SampleShape.Length, targetFloats = rows * source.Target.Length;
        loader.Load(0, batch, firstPosition, samples.AsSpan(0, rows), features.AsSpan(0, featureFloats), targets.AsSpan(0, targetFloats));
        SampleWeights.Split(source.Target, rows, targets, weights);
        inputs[0] = features.AsMemory(0, featureFloats);
        executor.Forward(new ForwardRun
        {
            Rows = rows,
            Inputs = inputs,
            Targets = targets.AsMemory(0, rows * source.Target.ValueLength),
            SampleWeights = weights.AsMemory(0, source.Target.IsWeighted ? rows : 0),
            Parameters = parameters,
            Gate = gate,
            SampleIndices = samples.AsMemory(0, rows),
        });
    }
}
