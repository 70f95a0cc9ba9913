using DistTrain.Graph;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Simulation;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>Real training under the simulator: the same task, kernels and update rule that every engine runs, on one thread.</summary>
public sealed class TrainingApplication : ISimulatedApplication
{
    private readonly TaskPlan plan;
    private readonly SliceGradient gradient;
    private readonly SliceEvaluation[] evaluations;
    private readonly Checkpoint start;
    private float[]? trained;

    public TrainingApplication(TrainingTask task)
    {
        plan = new TaskPlan(task);
        gradient = new SliceGradient(task, ForkJoinPool.Single);
        evaluations = [.. plan.EvaluationSources.Select(source => new SliceEvaluation(task, source, ForkJoinPool.Single))];
        start = task.Start();
        Update = new RuleUpdate(task.Rules, task.Rates, start.Optimizer);
    }

    public RunPlan Run => plan.Run;

    public BlockPlan Blocks => plan.Blocks;

    public IBlockUpdate Update { get; }

    private TrainingTask Task => plan.Task;

    public int SlotFloats(Block block) => Task.Rule.SlotCount * block.Length;

    public void Initialize(Block block, Span<float> weights, Span<float> slots) =>
        start.Weights.AsSpan((int)block.Offset, block.Length).CopyTo(weights);

    public RangeStatistics Compute(StepNumber step, SliceRange range, ReadOnlySpan<float> weights, Span<float> gradient)
    {
        float[] sums = new float[Loss.StatisticCount];
        var sink = new FlatGradient(Task.Layout);
        this.gradient.Compute(step.Value, range.First, range.Count, Task.Layout.Parts(weights.ToArray()), gate: null, sink, sums);
        sink.Flat.CopyTo(gradient);
        return TaskPlan.ToStatistics(sums);
    }

    public RangeStatistics Evaluate(WeightVersion version, EvaluationBatch batch, ReadOnlySpan<float> weights)
    {
        float[] sums = new float[evaluations[batch.Set].SumCount];
        evaluations[batch.Set].Compute(batch.Batch, 0, Task.Slices, Task.Layout.Parts(weights.ToArray()), gate: null, sums);
        return TaskPlan.ToStatistics(sums);
    }

    /// <summary>At the end: what the slow trainer gets. Weights between are checked against each other.</summary>
    public float[]? ExpectedAt(WeightVersion version) => version == Run.End ? trained ??= new LocalTrainer(Task).Run().Weights : null;

    private sealed class FlatGradient(ParameterLayout layout) : IGradientSink
    {
        public float[] Flat { get; } = new float[layout.Length];

        public Span<float> Destination(int parameterIndex) => layout.Part(Flat, parameterIndex);

        public void Complete(int parameterIndex)
        {
        }
    }
}
