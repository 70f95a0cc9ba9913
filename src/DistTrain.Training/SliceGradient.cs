using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// What every worker computes: the gradient of the summed loss over a range of slices of one step's batch, as one big batch, with
/// the slices' sums climbing the tree inside the kernels. Any range of slices gives the bits that the tree gives from its leaves;
/// so a range whose values don't fit a cache is computed in pieces, by the same tree (<see cref="RangePieces"/>).
/// </summary>
/// <remarks>One caller at a time, as its pool. Allocates nothing once the largest range was seen.</remarks>
public sealed class SliceGradient
{
    /// <summary>
    /// Pieces pay when a piece has many more values than the model has parameters: the sums of all but the last piece go through
    /// memory once more.
    /// </summary>
    private const int PieceFloatsPerParameter = 16;

    private readonly TrainingTask task;
    private readonly ForkJoinPool pool;
    private readonly int pieceRows;
    private readonly SliceTrees trees;
    private readonly GradientStack stack;
    private readonly ReadOnlyMemory<float>[] inputs = new ReadOnlyMemory<float>[1];
    private readonly GraphExecutor?[] executors;
    private GraphExecutor? executor;
    private float[] features = [];
    private float[] targets = [];
    private float[] weights = [];
    private int[] samples = [];

    /// <param name="task">Graph, batches and slices.</param>
    /// <param name="pool">Belongs to the caller.</param>
    public SliceGradient(TrainingTask task, ForkJoinPool pool)
        : this(task, pool, PieceRows(task, pool))
    {
    }

    /// <param name="task">Graph, batches and slices.</param>
    /// <param name="pool">Belongs to the caller.</param>
    /// <param name="pieceRows">A range of more samples is halved as long as it has several slices.</param>
    internal SliceGradient(TrainingTask task, ForkJoinPool pool, int pieceRows)
    {
        this.task = task;
        this.pool = pool;
        this.pieceRows = pieceRows;
        executors = new GraphExecutor?[task.Graphs.Count];
        trees = new SliceTrees(task.Slices);
        stack = new GradientStack(task.Layout, pool);
    }

    public TrainingTask Task => task;

    /// <summary>Samples of a range in a step; 0: the range is absent from the sum.</summary>
    public int Rows(long step, int firstSlice, int sliceCount) =>
        SliceTree.SliceStart(task.Steps.Rows(step), task.Slices, firstSlice + sliceCount) - SliceTree.SliceStart(task.Steps.Rows(step), task.Slices, firstSlice);

    /// <summary>Computes a range. Samples are gathered first, so the first wait at the gate is where the weights are first needed.</summary>
    /// <param name="step">Step of the run, from 0; the weights must be of this version.</param>
    /// <param name="firstSlice">First slice of the range.</param>
    /// <param name="sliceCount">A power of two; firstSlice is a multiple of it.</param>
    /// <param name="parameters">By parameter index; an entry is read after the gate let it pass.</param>
    /// <param name="gate">Null: all parameters are there.</param>
    /// <param name="sink">Gets each parameter's gradient, unnormalised, as soon as it is complete, last layers first.</param>
    /// <param name="statistics"><see cref="Loss.StatisticCount"/> floats: the range's tree sums, written before the first gradient is handed over.</param>
    /// <param name="onStatistics">Called when they are, still before the first gradient; may be null.</param>
    /// <returns>False when the range has no samples: nothing was written or called.</returns>
    public bool Compute(
        long step,
        int firstSlice,
        int sliceCount,
        ReadOnlyMemory<float>[] parameters,
        IParameterGate? gate,
        IGradientSink sink,
        Span<float> statistics,
        Action? onStatistics = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, task.Steps.TotalSteps);
        if (sliceCount < 1 || (sliceCount & (sliceCount - 1)) != 0 || firstSlice < 0 || firstSlice % sliceCount != 0 || firstSlice + sliceCount > task.Slices)
        {
            throw new ArgumentException($"[{firstSlice}, {firstSlice + sliceCount}) is no dyadic range of {task.Slices} slices.", nameof(sliceCount));
        }

        int batchRows = task.Steps.Rows(step);
        if (Rows(step, firstSlice, sliceCount) == 0)
        {
            return false;
        }

        int piece = RangePieces.Slices(batchRows, task.Slices, sliceCount, pieceRows);
        stack.Begin(trees.OfPieces(batchRows, firstSlice, sliceCount, piece), sink);
        for (int slice = firstSlice; slice < firstSlice + sliceCount; slice += piece)
        {
            SliceTree tree = trees.Of(batchRows, slice, piece);
            if (tree.Rows == 0)
            {
                continue;
            }

            Forward(step, SliceTree.SliceStart(batchRows, task.Slices, slice), tree, parameters, gate);
            executor!.SumStatistics(tree, statistics);
            if (stack.AddStatistics(statistics))
            {
                onStatistics?.Invoke();
            }

            executor.Backward(tree, stack);
            stack.EndPiece();
        }

        return true;
    }

    /// <summary>Samples of a piece, or as many as there are when pieces don't pay.</summary>
    private static int PieceRows(TrainingTask task, ForkJoinPool pool)
    {
        GraphPlan plan = GraphPlan.ForTraining(task.Graph, 16);
        int rows = RangePieces.Rows(plan, pool.Threads);
        return (long)rows * RangePieces.FloatsPerRow(plan) >= (long)task.Layout.Length * PieceFloatsPerParameter ? rows : int.MaxValue;
    }

    private void Forward(long step, int firstPosition, SliceTree slices, ReadOnlyMemory<float>[] parameters, IParameterGate? gate)
    {
        int rows = slices.Rows;
        Reserve((int)(step % executors.Length), rows);
        IDataSource source = task.Loader.Source;
        int featureFloats = rows * source.SampleShape.Length, targetFloats = rows * source.Target.Length;
        int pass = task.Steps.Pass(step);
        task.Loader.Load(
            pass, task.Steps.StepInPass(step), firstPosition, samples.AsSpan(0, rows), features.AsSpan(0, featureFloats), targets.AsSpan(0, targetFloats));
        SampleWeights.Split(source.Target, rows, targets, weights);
        inputs[0] = features.AsMemory(0, featureFloats);
        executor!.Forward(new ForwardRun
        {
            Rows = rows,
            Slices = slices,
            Inputs = inputs,
            Targets = targets.AsMemory(0, rows * source.Target.ValueLength),
            SampleWeights = weights.AsMemory(0, source.Target.IsWeighted ? rows : 0),
            Parameters = parameters,
            Gate = gate,
            SampleIndices = samples.AsMemory(0, rows),
            Seed = task.Job.Train.Seed,
            Pass = pass,
        });
    }

    private void Reserve(int turn, int rows)
    {
        IDataSource source = task.Loader.Source;
        if (executors[turn] is null || executors[turn]!.Plan.MaxRows < rows)
        {
            executors[turn] = new GraphExecutor(GraphPlan.ForTraining(task.Graphs[turn], rows), pool);
        }

        executor = executors[turn];
        if (samples.Length < rows)
        {
            features = new float[rows * source.SampleShape.Length];
            targets = new float[rows * source.Target.Length];
            weights = new float[source.Target.IsWeighted ? rows : 0];
            samples = new int[rows];
        }
    }
}
