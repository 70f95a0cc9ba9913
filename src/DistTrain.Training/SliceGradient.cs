using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// What every worker computes: the gradient of the summed loss over a range of slices of one step's batch, as one big batch, with
/// the slices' sums climbing the tree inside the kernels. Any range of slices gives the bits that the tree gives from its leaves.
/// </summary>
/// <remarks>One caller at a time, as its pool. Allocates nothing once the largest range was seen.</remarks>
public sealed class SliceGradient(TrainingTask task, ForkJoinPool pool)
{
    private readonly SliceTrees trees = new(task.Slices);
    private readonly ReadOnlyMemory<float>[] inputs = new ReadOnlyMemory<float>[1];
    private GraphExecutor? executor;
    private float[] features = [];
    private float[] targets = [];
    private int[] samples = [];

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
    /// <param name="statistics"><see cref="Loss.StatisticCount"/> floats: the range's tree sums, written before the backward pass.</param>
    /// <param name="onStatistics">Called when they are, still before the backward pass; may be null.</param>
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
        SliceTree tree = trees.Of(batchRows, firstSlice, sliceCount);
        int rows = tree.Rows;
        if (rows == 0)
        {
            return false;
        }

        Reserve(rows);
        IDataSource source = task.Loader.Source;
        int featureFloats = rows * source.SampleShape.Length, targetFloats = rows * source.Target.Length;
        int first = SliceTree.SliceStart(batchRows, task.Slices, firstSlice);
        int pass = task.Steps.Pass(step);
        task.Loader.Load(pass, task.Steps.StepInPass(step), first, samples.AsSpan(0, rows), features.AsSpan(0, featureFloats), targets.AsSpan(0, targetFloats));
        inputs[0] = features.AsMemory(0, featureFloats);
        executor!.Forward(new ForwardRun
        {
            Rows = rows,
            Inputs = inputs,
            Targets = targets.AsMemory(0, targetFloats),
            Parameters = parameters,
            Gate = gate,
            SampleIndices = samples.AsMemory(0, rows),
            Seed = task.Job.Train.Seed,
            Pass = pass,
        });
        executor.SumStatistics(tree, statistics);
        onStatistics?.Invoke();
        executor.Backward(tree, sink);
        return true;
    }

    private void Reserve(int rows)
    {
        if (executor is null || executor.Plan.MaxRows < rows)
        {
            executor = new GraphExecutor(GraphPlan.ForTraining(task.Graph, rows), pool);
            IDataSource source = task.Loader.Source;
            features = new float[rows * source.SampleShape.Length];
            targets = new float[rows * source.Target.Length];
            samples = new int[rows];
        }
    }
}
