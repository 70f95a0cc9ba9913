using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// y = γ (x - mean) / √(variance + ε) + β for each place of the last axis (Ioffe and Szegedy, 2015). In training mean and variance are
/// those of the slice's samples and positions, else running averages. Backward: dγ = Σ dy h, dβ = Σ dy per slice, h the normalised x;
/// dx = γ / √(variance + ε) (dy - mean dy - h mean(dy h)), means over the slice.
/// </summary>
/// <remarks>
/// What a running average takes is the slices' statistics, each times its samples' weight, summed up the tree and divided by the weight
/// sum. A slice with a single value of a channel is normalised by the running averages, and hands them on; so is every slice
/// when the layer is frozen. Keras' defaults; <see cref="AsInPyTorch"/> has the other ones.
/// </remarks>
public sealed class BatchNormalization : Op
{
    private const int Mean = 0;
    private const int Variance = 1;
    private const int Root = 2;
    private const int Sums = 3;
    private const int Products = 4;

    /// <summary>PyTorch's BatchNorm: epsilon 1e-5, momentum 0.1 (here 0.9), running variance of n - 1.</summary>
    public static BatchNormalization AsInPyTorch => new() { Epsilon = 1e-5f, Momentum = 0.9f, UnbiasedVariance = true };

    public override string Kind => "batch_normalization";

    /// <summary>Added to the variance. Keras 1e-3, PyTorch 1e-5.</summary>
    public float Epsilon { get; init; } = 1e-3f;

    /// <summary>What stays of a running average in a step. Keras 0.99; PyTorch's momentum is 1 less this, 0.1.</summary>
    public float Momentum { get; init; } = 0.99f;

    /// <summary>With β.</summary>
    public bool Center { get; init; } = true;

    /// <summary>With γ.</summary>
    public bool Scale { get; init; } = true;

    /// <summary>The running variance is of n - 1, as PyTorch's; Keras' is of n. Training divides by n in both.</summary>
    public bool UnbiasedVariance { get; init; }

    public override bool BackwardInPlace => true;

    public override bool PassesMask => true;

    /// <summary>Statistics of fewer samples are too coarse to train on.</summary>
    public override int SliceSamples => 16;

    public override Shape InferShape(in OpInputs inputs) =>
        inputs[0].Rank == 0 ? throw inputs.Refuse("it needs at least one axis (..., channels)")
        : !(Epsilon > 0) ? throw inputs.Refuse($"epsilon {Epsilon} must be above 0")
        : Momentum is not (>= 0 and < 1) ? throw inputs.Refuse($"momentum {Momentum} is not at least 0 and below 1")
        : inputs[0];

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs)
    {
        var shape = new Shape(inputs[0].Dims[^1]);
        var declared = new List<ParameterDeclaration>();
        if (Scale)
        {
            declared.Add(new("gamma", shape, Initializer.Ones));
        }

        if (Center)
        {
            declared.Add(new("beta", shape, Initializer.Zeros));
        }

        declared.Add(new("moving_mean", shape, Initializer.Zeros) { Rule = ParameterRule.RunningStatistics(Momentum) });
        declared.Add(new("moving_variance", shape, Initializer.Ones) { Rule = ParameterRule.RunningStatistics(Momentum) });
        return declared;
    }

    /// <summary>γ and β, or what stands for them.</summary>
    public override int ScratchPerSample(in OpInputs inputs) => 2 * inputs[0].Dims[^1];

    /// <summary>A row of channels for each slice, of which there are at most as many as samples.</summary>
    public override IReadOnlyList<int> KeptPerSample(in OpInputs inputs) => [.. Enumerable.Repeat(inputs[0].Dims[^1], 5)];

    public override void Forward(ForwardContext context)
    {
        int channels = Channels(context);
        ReadOnlySpan<float> x = context.Input(0);
        ReadOnlySpan<float> gamma = Gamma(context), beta = Beta(context);
        if (!context.Training)
        {
            Span<float> root = context.Kept(Root)[..channels];
            Roots(Running(context, 1), root);
            BatchNorm.Normalize(context.Pool, x.Length / channels, channels, x, Running(context, 0), root, gamma, beta, context.Output);
            return;
        }

        SliceTree slices = context.Slices();
        int positions = context.OutputShape.Length / channels, length = slices.PresentLeaves * channels;
        Span<float> mean = context.Kept(Mean)[..length], variance = context.Kept(Variance)[..length], roots = context.Kept(Root)[..length];
        BatchNorm.Statistics(context.Pool, slices.Scale(positions), channels, x, mean, variance);
        for (int leaf = 0; leaf < slices.PresentLeaves; leaf++)
        {
            if (UsesRunning(context, slices, leaf, positions))
            {
                Running(context, 0).CopyTo(mean[(leaf * channels)..]);
                Running(context, 1).CopyTo(variance[(leaf * channels)..]);
            }
        }

        Roots(variance, roots);
        BatchNorm.Normalize(context.Pool, slices.Scale(positions), channels, x, mean, roots, gamma, beta, context.Output);
    }

    public override void BackwardParameters(BackwardContext context)
    {
        int channels = Channels(context), positions = context.OutputShape.Length / channels;
        SliceTree slices = context.Slices();
        int length = slices.PresentLeaves * channels;
        Span<float> mean = context.Kept(Mean)[..length], sums = context.Kept(Sums)[..length], products = context.Kept(Products)[..length];
        BatchNorm.GradientSums(
            context.Pool, context.Slices(positions), channels, context.Input(0), context.OutputGradient, mean, context.Kept(Root)[..length], sums, products);
        if (Scale)
        {
            Reductions.SumRowsSliced(context.Pool, slices.Leaves, channels, products, context.ParameterGradient(0));
        }

        if (Center)
        {
            Reductions.SumRowsSliced(context.Pool, slices.Leaves, channels, sums, context.ParameterGradient(Scale ? 1 : 0));
        }

        Span<float> terms = context.Scratch[..length];
        int first = (Scale ? 1 : 0) + (Center ? 1 : 0);
        for (int statistic = 0; statistic < 2; statistic++)
        {
            ReadOnlySpan<float> values = context.Kept(statistic)[..length];
            for (int leaf = 0; leaf < slices.PresentLeaves; leaf++)
            {
                int count = slices.RowCounts[leaf] * positions;
                bool unbiased = statistic == Variance && UnbiasedVariance && !UsesRunning(context, slices, leaf, positions);
                float factor = unbiased ? (float)((double)context.SliceWeight(leaf) * count / (count - 1)) : context.SliceWeight(leaf);
                Range part = (leaf * channels)..((leaf + 1) * channels);
                Elementwise.Scale(ForkJoinPool.Single, values[part], factor, terms[part]);
            }

            Reductions.SumRowsSliced(context.Pool, slices.Leaves, channels, terms, context.ParameterGradient(first + statistic));
        }
    }

    public override void Backward(BackwardContext context)
    {
        int channels = Channels(context), positions = context.OutputShape.Length / channels;
        SliceTree slices = context.Slices();
        int length = slices.PresentLeaves * channels;
        Span<float> sums = context.Kept(Sums)[..length], products = context.Kept(Products)[..length];
        for (int leaf = 0; leaf < slices.PresentLeaves; leaf++)
        {
            Range part = (leaf * channels)..((leaf + 1) * channels);
            if (UsesRunning(context, slices, leaf, positions))
            {
                sums[part].Clear();
                products[part].Clear();
                continue;
            }

            float count = slices.RowCounts[leaf] * positions;
            for (int i = leaf * channels; i < (leaf + 1) * channels; i++)
            {
                sums[i] /= count;
                products[i] /= count;
            }
        }

        BatchNorm.BackwardData(
            context.Pool,
            context.Slices(positions),
            channels,
            context.Input(0),
            context.OutputGradient,
            context.Kept(Mean)[..length],
            context.Kept(Root)[..length],
            Gamma(context),
            sums,
            products,
            context.InputGradient(0));
    }

    public override string ToString() => FormattableString.Invariant($"BatchNormalization({Momentum}, {Epsilon})");

    private static int Channels(OpContext context) => context.OutputShape[context.OutputShape.Rank - 1];

    /// <summary>r = 1 / √(variance + ε), square root and division rounded each.</summary>
    private void Roots(ReadOnlySpan<float> variance, Span<float> roots)
    {
        for (int i = 0; i < roots.Length; i++)
        {
            roots[i] = 1 / MathF.Sqrt(variance[i] + Epsilon);
        }
    }

    /// <summary>The running mean (0) or variance (1).</summary>
    private ReadOnlySpan<float> Running(OpContext context, int statistic) =>
        context.Parameter((Scale ? 1 : 0) + (Center ? 1 : 0) + statistic);

    private bool UsesRunning(OpContext context, SliceTree slices, int leaf, int positions) =>
        slices.RowCounts[leaf] * positions < 2 || context.IsFrozen((Scale ? 1 : 0) + (Center ? 1 : 0));

    private ReadOnlySpan<float> Gamma(OpContext context) => Scale ? context.Parameter(0) : Filled(context.Scratch[..Channels(context)], 1);

    private ReadOnlySpan<float> Beta(OpContext context) =>
        Center ? context.Parameter(Scale ? 1 : 0) : Filled(context.Scratch.Slice(Channels(context), Channels(context)), 0);

    private static Span<float> Filled(Span<float> span, float value)
    {
        span.Fill(value);
        return span;
    }
}
