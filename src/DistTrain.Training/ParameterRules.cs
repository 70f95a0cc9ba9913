using System.Buffers;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// Who updates which floats of the flat vector. Parameters with one rule that lie next to each other are a run; a block may hold
/// several. Slots are the optimizer's: those of other parameters stay +0.
/// </summary>
public sealed class ParameterRules
{
    private readonly List<Run> runs = [];

    /// <param name="parameters">Floats and rule of each, in the order of the flat vector.</param>
    /// <param name="optimizer">The rule of those that the optimizer changes.</param>
    public ParameterRules(IEnumerable<(int Floats, ParameterRule Rule)> parameters, IUpdateRule optimizer)
        : this(parameters, [optimizer], _ => optimizer)
    {
    }

    private ParameterRules(
        IEnumerable<(int Floats, ParameterRule Rule)> parameters, IReadOnlyList<IUpdateRule> optimizers, Func<ParameterRule, IUpdateRule> ruleOf)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Optimizers = optimizers;
        int offset = 0;
        foreach ((int floats, ParameterRule rule) in parameters)
        {
            if (runs.Count > 0 && runs[^1].Of == rule)
            {
                runs[^1] = runs[^1] with { End = offset + floats };
            }
            else
            {
                runs.Add(new Run(offset, offset + floats, rule, rule.Kind switch
                {
                    ParameterRuleKind.Optimizer => ruleOf(rule),
                    ParameterRuleKind.RunningStatistics => new RunningStatistics(rule.Momentum),
                    _ => null,
                }));
            }

            offset += floats;
        }
    }

    /// <summary>One for each turn; all keep as many slots.</summary>
    public IReadOnlyList<IUpdateRule> Optimizers { get; }

    /// <summary>The only one, or that of the first turn.</summary>
    public IUpdateRule Optimizer => Optimizers[0];

    /// <summary>Turns that steps take: 1, or 2 for two networks.</summary>
    public int Turns => Optimizers.Count;

    /// <summary>The rules of a job.</summary>
    /// <param name="job">Optimizers and regularization of all layers.</param>
    /// <param name="parameters">Floats and rule of each, in the order of the flat vector.</param>
    public static ParameterRules Of(Job job, IEnumerable<(int Floats, ParameterRule Rule)> parameters)
    {
        ArgumentNullException.ThrowIfNull(job);
        TrainJob[] turns = [job.Train, .. job.Model.Gan is { } gan ? [job.Train with { Optimizer = gan.GeneratorOptimizer ?? job.Train.Optimizer }] : Array.Empty<TrainJob>()];
        return new ParameterRules(
            parameters, Array.ConvertAll(turns, turn => turn.ToRule()), rule => turns[rule.Turn].ToRule(rule.L2, rule.L1));
    }

    /// <summary>What a part of the flat vector adds to the squared norm of the averaged gradient: the optimizer's parameters alone.</summary>
    /// <param name="offset">Where the part lies in the flat vector.</param>
    /// <param name="gradientSum">Not normalised.</param>
    /// <param name="weightSum">What to divide it by.</param>
    public double SquaredNorm(int offset, ReadOnlySpan<float> gradientSum, float weightSum)
    {
        double sum = 0;
        foreach (Run run in runs)
        {
            if (run.Of.Kind == ParameterRuleKind.Optimizer && run.Within(offset, gradientSum.Length) is { } part)
            {
                sum += GradientNorm.Squared(gradientSum[part], weightSum);
            }
        }

        return sum;
    }

    /// <summary>New weights and slots of a part of the flat vector, as <see cref="IUpdateRule.Update"/> has them.</summary>
    /// <param name="offset">Where the part lies in the flat vector.</param>
    /// <param name="turn">The step's: parameters of others stay.</param>
    /// <param name="step">The optimizer's.</param>
    /// <param name="gradientSum">[n], not normalised</param>
    /// <param name="weightSum">What to divide it by.</param>
    /// <param name="weights">[n]</param>
    /// <param name="newWeights">[n]</param>
    /// <param name="slots">[SlotCount, n]</param>
    /// <param name="newSlots">[SlotCount, n]; may be slots</param>
    public void Update(
        int offset,
        int turn,
        in UpdateStep step,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots)
    {
        int length = weights.Length;
        bool whole = false;
        foreach (Run run in runs)
        {
            if (run.Within(offset, length) is not { } part)
            {
                continue;
            }

            IUpdateRule? rule = run.Of.Turn == turn ? run.Rule : null;
            bool byGradient = rule is not null && run.Of.Kind == ParameterRuleKind.Optimizer;
            if (byGradient && part.Equals(..length))
            {
                rule!.Update(step, gradientSum, weightSum, weights, newWeights, slots, newSlots);
                return;
            }

            if (!whole)
            {
                slots.CopyTo(newSlots);
                whole = true;
            }

            if (rule is null)
            {
                weights[part].CopyTo(newWeights[part]);
            }
            else if (!byGradient || rule.SlotCount == 0)
            {
                rule.Update(step, gradientSum[part], weightSum, weights[part], newWeights[part], [], []);
            }
            else
            {
                UpdateWithSlots(rule, step, gradientSum[part], weightSum, weights[part], newWeights[part], newSlots, part.Start.Value, length);
            }
        }
    }

    /// <summary>The optimizer on a part of a block: its slots lie apart there, and together in a rented buffer.</summary>
    private static void UpdateWithSlots(
        IUpdateRule rule,
        in UpdateStep step,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        Span<float> slots,
        int start,
        int stride)
    {
        int length = weights.Length, count = rule.SlotCount;
        float[] rented = ArrayPool<float>.Shared.Rent(count * length);
        Span<float> own = rented.AsSpan(0, count * length);
        for (int slot = 0; slot < count; slot++)
        {
            slots.Slice((slot * stride) + start, length).CopyTo(own.Slice(slot * length, length));
        }

        rule.Update(step, gradientSum, weightSum, weights, newWeights, own, own);
        for (int slot = 0; slot < count; slot++)
        {
            own.Slice(slot * length, length).CopyTo(slots.Slice((slot * stride) + start, length));
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <param name="Start">First float.</param>
    /// <param name="End">The float after the last.</param>
    /// <param name="Of">What the parameters declare.</param>
    /// <param name="Rule">Null: frozen.</param>
    private readonly record struct Run(int Start, int End, ParameterRule Of, IUpdateRule? Rule)
    {
        /// <summary>The run's part of [offset, offset + length), from offset; null for none.</summary>
        public Range? Within(int offset, int length)
        {
            int first = Math.Max(Start - offset, 0), last = Math.Min(End - offset, length);
            return first < last ? first..last : null;
        }
    }
}
