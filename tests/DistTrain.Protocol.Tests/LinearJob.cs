using DistTrain.Tensors;

namespace DistTrain.Protocol.Tests;

/// <summary>
/// A training job small enough to check by hand: each weight is pulled towards pseudo-random sample values, with momentum.
/// The gradient of a range is formed per slice and climbs the tree by plain recursion: the oracle of protocol and simulator.
/// </summary>
internal sealed class LinearJob : IBlockUpdate
{
    private const float LearningRate = 0.05f;
    private const float Momentum = 0.9f;

    public LinearJob(RunPlan run, params long[] tensors)
    {
        Run = run;
        Blocks = BlockPlan.Create([.. tensors.Select((floats, i) => new TensorLength($"tensor{i}", floats))], blockFloatsMax: 16);
    }

    public RunPlan Run { get; }

    public BlockPlan Blocks { get; }

    public float[] InitialWeights => [.. Enumerable.Range(0, (int)Blocks.Floats).Select(i => Noise(i, 7))];

    /// <summary>Gradient sum of a range into <paramref name="gradient"/>; statistics: weight = samples, one loss-like sum.</summary>
    public RangeStatistics Compute(StepNumber step, SliceRange range, ReadOnlySpan<float> weights, Span<float> gradient)
    {
        float[]? sum = Sum(Run.RowsOf(step), range, weights, (int)(step.Value % Run.StepsPerPass) * Run.Batch, Run.PassOf(step), out RangeStatistics? statistics);
        sum.CopyTo(gradient);
        return statistics!;
    }

    public RangeStatistics Evaluate(EvaluationBatch batch, ReadOnlySpan<float> weights)
    {
        EvaluationSet set = Run.Evaluations[batch.Set];
        Sum(set.RowsOf(batch.Batch), SliceRange.Root(Run.Slices), weights, batch.Batch * set.Batch, 1000 + batch.Set, out RangeStatistics? statistics);
        return statistics!;
    }

    public void Update(
        Block block, StepNumber step, UpdateScale scale, ReadOnlySpan<float> gradientSum, float weightSum,
        ReadOnlySpan<float> weights, Span<float> newWeights, ReadOnlySpan<float> slots, Span<float> newSlots)
    {
        float rate = (float)(LearningRate * scale.Rate);
        for (int i = 0; i < weights.Length; i++)
        {
            float velocity = (Momentum * slots[i]) + (gradientSum[i] / weightSum * scale.Gradient);
            newSlots[i] = velocity;
            newWeights[i] = weights[i] - (rate * velocity);
        }
    }

    /// <summary>The weights after <paramref name="steps"/> steps, computed in one loop without blocks, ranges or machines.</summary>
    public (float[] Weights, List<PassTotals> Passes) Oracle(long steps)
    {
        float[] weights = InitialWeights;
        float[] slots = new float[weights.Length];
        float[] gradient = new float[weights.Length];
        var passes = new List<PassTotals>();
        PassTotals totals = PassTotals.Empty(0);
        var all = new Block(new BlockId(0), 0, weights.Length);
        SteeringState steering = SteeringState.Initial;
        float[]? best = null;
        bool ended = steps == Run.End.Value;
        for (var step = new StepNumber(0); step.Value < steps && !steering.Stopped; step = step.Next)
        {
            RangeStatistics statistics = Compute(step, SliceRange.Root(Run.Slices), weights, gradient);
            var scale = new UpdateScale(steering.RateFactor, Clip(gradient, statistics.WeightSum));
            Update(all, step, scale, gradient, statistics.WeightSum, [.. weights], weights, slots, slots);
            totals = totals.With(Run.RowsOf(step), statistics);
            if (Run.EndsPass(step.After))
            {
                passes.Add(totals);
                totals = PassTotals.Empty(Run.PassOf(step.Next));
                steering = Measure(steering, step.After, weights);
                best = steering.BestVersion == step.After.Value ? [.. weights] : best;
                ended |= steering.Stopped;
            }
        }

        return (ended && best is not null && Run.Steering!.RestoresBest ? best : weights, passes);
    }

    private float Clip(float[] gradient, float weightSum) => Run.ClipNorm is not { } clipNorm ? 1 : GradientNorm.Scale(
        clipNorm, Blocks.Blocks.Select(block => GradientNorm.Squared(gradient.AsSpan((int)block.Offset, block.Length), weightSum)));

    private SteeringState Measure(SteeringState state, WeightVersion version, float[] weights)
    {
        if (Run.Steering is not { } steering)
        {
            return state;
        }

        EvaluationSet set = Run.Evaluations[steering.Set];
        PassTotals totals = Enumerable.Range(0, set.Batches).Aggregate(
            PassTotals.Empty(0), (sum, batch) => sum.With(set.RowsOf(batch), Evaluate(new EvaluationBatch(steering.Set, batch), weights)));
        return steering.Rules.After(state, version.Value, [.. totals.Sums.Select(sum => sum / totals.WeightSum)]);
    }

    private float[]? Sum(int rows, SliceRange range, ReadOnlySpan<float> weights, int first, int salt, out RangeStatistics? statistics)
    {
        if (range.Count == 1)
        {
            return Slice(rows, range.First, weights, first, salt, out statistics);
        }

        float[]? left = Sum(rows, range.LeftHalf, weights, first, salt, out RangeStatistics? leftStatistics);
        float[]? right = Sum(rows, range.RightHalf, weights, first, salt, out RangeStatistics? rightStatistics);
        statistics = leftStatistics is null ? rightStatistics
            : rightStatistics is null ? leftStatistics
            : RangeStatistics.Add(leftStatistics, rightStatistics);
        return left is null ? right : right is null ? left : [.. left.Zip(right, (l, r) => l + r)];
    }

    private float[]? Slice(int rows, int slice, ReadOnlySpan<float> weights, int first, int salt, out RangeStatistics? statistics)
    {
        int from = SliceTree.SliceStart(rows, Run.Slices, slice);
        int to = SliceTree.SliceStart(rows, Run.Slices, slice + 1);
        statistics = null;
        if (from == to)
        {
            return null;
        }

        float[] sum = new float[weights.Length];
        float loss = 0;
        for (int row = from; row < to; row++)
        {
            float target = Noise(first + row, salt);
            for (int i = 0; i < sum.Length; i++)
            {
                float difference = weights[i] - (target * Noise(i, first + row));
                sum[i] += difference;
                loss += difference * difference;
            }
        }

        statistics = new RangeStatistics(to - from, [loss]);
        return sum;
    }

    /// <summary>A float in [-1, 1) from two integers: a multiplicative hash, good enough to make the order of additions show.</summary>
    private static float Noise(int a, int b)
    {
        uint hash = unchecked(((uint)a * 2654435761u) ^ ((uint)b * 2246822519u) ^ 0x9E3779B9u);
        hash = unchecked((hash ^ (hash >> 15)) * 2654435761u);
        return ((int)(hash >> 8) - (1 << 23)) / (float)(1 << 23);
    }
}
