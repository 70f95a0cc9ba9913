using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// One thread, never optimised: the oracle of every distributed run. It computes each slice alone, keeps every leaf as a whole
/// vector, and sums them by the recursion of docs/numerics.md written out. Whatever else trains a job must end at its bits.
/// </summary>
public sealed class LocalTrainer(TrainingTask task)
{
    private readonly SliceGradient gradient = new(task, ForkJoinPool.Single);

    /// <summary>Walks from a checkpoint, or from the start, to the last step.</summary>
    /// <param name="from">Null: version 0.</param>
    /// <param name="onEvent">Gets what happens, in order; may be null.</param>
    /// <param name="until">Stops after so many steps of the run; null: all.</param>
    /// <param name="cancellationToken">Ends between two steps.</param>
    /// <returns>Weights, slots and running products after the last step taken.</returns>
    /// <exception cref="TrainingFailedException">A sum is not finite.</exception>
    public Checkpoint Run(
        Checkpoint? from = null, Action<TrainingEvent>? onEvent = null, long? until = null, CancellationToken cancellationToken = default)
    {
        Checkpoint state = from ?? task.Start();
        long end = Math.Min(until ?? long.MaxValue, task.Steps.TotalSteps);
        for (long step = state.Step; step < end; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            state = Step(state);
            if (task.Steps.EvaluatesAfter(step))
            {
                onEvent?.Invoke(new EpochCompleted
                {
                    Epoch = task.Steps.Pass(step) + 1,
                    Step = step + 1,
                    Train = EvaluationResult.From(state.PassTotals, task.Graph.Loss!),
                    Validation = Evaluate(task.Data.Validation, state.Weights),
                });
            }
        }

        return state;
    }

    /// <summary>One step: leaves, tree, update.</summary>
    public Checkpoint Step(Checkpoint state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var leaves = new Leaf?[task.Slices];
        for (int slice = 0; slice < leaves.Length; slice++)
        {
            leaves[slice] = Compute(state, slice);
        }

        Leaf sum = Sum(leaves, 0, leaves.Length) ?? throw new InvalidOperationException($"Step {state.Step} has no samples.");
        CheckFinite(sum, state.Step, slice: -1); // finite slices may still overflow together
        float[] weights = new float[state.Weights.Length];
        float[] slots = new float[state.Slots.Length];
        UpdateStep update = state.Optimizer.Begin(task.Rule, task.LearningRate);
        task.Rule.Update(update, sum.Gradient, sum.Statistics[Loss.WeightColumn], state.Weights, weights, state.Slots, slots);
        StatisticTotals before = task.Steps.StepInPass(state.Step) == 0 ? default : state.PassTotals;
        return state with
        {
            Step = state.Step + 1,
            Weights = weights,
            Slots = slots,
            Optimizer = state.Optimizer.After(task.Rule),
            PassTotals = before.Plus(sum.Statistics),
        };
    }

    /// <summary>Loss and metric of a set under these weights; null for no set.</summary>
    public EvaluationResult? Evaluate(Data.IDataSource? source, float[] weights) => source is null
        ? null
        : EvaluationResult.From(new SliceEvaluation(task, source, ForkJoinPool.Single).Evaluate(weights), task.Graph.Loss!);

    private Leaf? Compute(Checkpoint state, int slice)
    {
        var leaf = new Leaf(new float[task.Layout.Length], new float[Loss.StatisticCount], task.Layout);
        if (!gradient.Compute(state.Step, slice, 1, task.Layout.Parts(state.Weights), null, leaf, leaf.Statistics))
        {
            return null;
        }

        CheckFinite(leaf, state.Step, slice);
        return leaf;
    }

    private void CheckFinite(Leaf leaf, long step, int slice)
    {
        int broken = Array.FindIndex(leaf.Gradient, value => !float.IsFinite(value));
        if (broken >= 0)
        {
            throw TrainingFailedException.NotFinite(step, task.Layout.NameAt(broken), slice);
        }

        if (!Array.TrueForAll(leaf.Statistics, float.IsFinite))
        {
            throw TrainingFailedException.NotFinite(step, "loss", slice);
        }
    }

    private static Leaf? Sum(Leaf?[] leaves, int low, int high)
    {
        if (high - low == 1)
        {
            return leaves[low];
        }

        int middle = (low + high) / 2;
        Leaf? left = Sum(leaves, low, middle), right = Sum(leaves, middle, high);
        return left is null ? right : right is null ? left : left.Plus(right);
    }

    /// <summary>Gradient and statistics of a node of the tree, whole.</summary>
    private sealed record Leaf(float[] Gradient, float[] Statistics, ParameterLayout Layout) : IGradientSink
    {
        public Span<float> Destination(int parameterIndex) => Layout.Part(Gradient, parameterIndex);

        public void Complete(int parameterIndex)
        {
        }

        public Leaf Plus(Leaf right) => this with
        {
            Gradient = Add(Gradient, right.Gradient),
            Statistics = Add(Statistics, right.Statistics),
        };

        private static float[] Add(float[] left, float[] right)
        {
            float[] sum = new float[left.Length];
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] = left[i] + right[i];
            }

            return sum;
        }
    }
}
