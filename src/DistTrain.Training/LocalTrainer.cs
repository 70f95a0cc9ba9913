using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// One thread, never optimised: the oracle of every distributed run. It computes each slice alone, keeps every leaf as a whole
/// vector, and sums them by the recursion of docs/numerics.md written out. Whatever else trains a job must end at its bits.
/// </summary>
public sealed class LocalTrainer(TrainingTask task)
{
    private readonly RunningProducts products = new(task.Rules);
    private readonly SliceGradient gradient = new(task, ForkJoinPool.Single);

    /// <summary>Walks from a checkpoint, or from the start, to the last step.</summary>
    /// <param name="from">Null: version 0.</param>
    /// <param name="onEvent">Gets what happens, in order; may be null.</param>
    /// <param name="until">Stops after so many steps of the run; null: all.</param>
    /// <param name="cancellationToken">Ends between two steps.</param>
    /// <param name="best">The checkpoint of the best version before <paramref name="from"/>, for jobs that restore it.</param>
    /// <returns>Weights, slots and running products after the last step taken; of a run that came to its end, those of its best version when the job restores it.</returns>
    /// <exception cref="TrainingFailedException">A sum is not finite.</exception>
    public Checkpoint Run(
        Checkpoint? from = null, Action<TrainingEvent>? onEvent = null, long? until = null, Checkpoint? best = null, CancellationToken cancellationToken = default)
    {
        // Measured: with what its measurement decided. What is returned is without, like every checkpoint.
        Checkpoint state = from ?? task.Start(), measured = state;
        bool begins = true;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            measured = state;
            if (state.Step > 0 && task.Steps.EvaluatesAfter(state.Step - 1) && (!begins || task.Steering is not null))
            {
                EvaluationResult? validation = Evaluate(task.Steered, state.Weights);
                measured = Measured(state, validation);
                best = measured.Steering.BestVersion == state.Step ? state : best;
                if (!begins)
                {
                    onEvent?.Invoke(Completed(state, task.Data.Validation is null ? null : validation));
                }
            }

            bool ended = measured.Steering.Stopped || state.Step >= task.Steps.TotalSteps;
            if (ended || state.Step >= until)
            {
                return ended ? Result(state, measured, best) : state;
            }

            state = Step(measured);
            begins = false;
        }
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
        float weightSum = sum.Statistics[Loss.WeightColumn];
        if (!(weightSum > 0))
        {
            throw new TrainingFailedException($"step {state.Step}: the sum of the sample weights is {weightSum}; the run stops before the update");
        }

        float scale = task.Job.Train.ClipNorm is { } clipNorm
            ? GradientNorm.Scale(clipNorm, NormBlocks.Of(task.Layout).Select(block => task.Rules.SquaredNorm(block.Start.Value, sum.Gradient.AsSpan(block), weightSum)))
            : 1;
        UpdateStep update = products.Begin(state.Optimizer, state.Step, task.Rates.At(state.Step, state.Steering.RateFactor), scale);
        task.Rules.Update(0, products.Turn(state.Step), update, sum.Gradient, weightSum, state.Weights, weights, state.Slots, slots);
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
        : new SliceEvaluation(task, source, ForkJoinPool.Single).Evaluate(weights);

    private Checkpoint Measured(Checkpoint state, EvaluationResult? validation) => task.Steering is { } rules
        ? state with { Steering = rules.After(state.Steering, state.Step, [validation!.Loss, validation.Metric, .. validation.Metrics.Select(metric => metric.Value)]) }
        : state;

    private Checkpoint Result(Checkpoint state, Checkpoint measured, Checkpoint? best)
    {
        if (task.Steering?.Stopping is not { RestoreBest: true } || measured.Steering.BestVersion < 0)
        {
            return state;
        }

        return best?.Step == measured.Steering.BestVersion
            ? best
            : throw new ArgumentException($"The best version is {measured.Steering.BestVersion}; its checkpoint is needed to go on from step {state.Step}.", nameof(best));
    }

    private EpochCompleted Completed(Checkpoint state, EvaluationResult? validation) => new()
    {
        Epoch = task.Steps.Pass(state.Step - 1) + 1,
        Step = state.Step,
        Train = EvaluationResult.From(state.PassTotals, task.Graph.Loss!),
        Validation = validation,
        LearningRate = task.Rates.Changes ? task.Rates.At(state.Step - 1, state.Steering.RateFactor) : null,
    };

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
