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
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Optimizer = optimizer;
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
                    ParameterRuleKind.Optimizer => optimizer,
                    ParameterRuleKind.RunningStatistics => new RunningStatistics(rule.Momentum),
                    _ => null,
                }));
            }

            offset += floats;
        }
    }

    public IUpdateRule Optimizer { get; }

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
    /// <param name="step">The optimizer's.</param>
    /// <param name="gradientSum">[n], not normalised</param>
    /// <param name="weightSum">What to divide it by.</param>
    /// <param name="weights">[n]</param>
    /// <param name="newWeights">[n]</param>
    /// <param name="slots">[SlotCount, n]</param>
    /// <param name="newSlots">[SlotCount, n]; may be slots</param>
    public void Update(
        int offset,
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

            if (run.Rule == Optimizer && part.Equals(..length))
            {
                Optimizer.Update(step, gradientSum, weightSum, weights, newWeights, slots, newSlots);
                return;
            }

            if (!whole)
            {
                slots.CopyTo(newSlots);
                whole = true;
            }

            if (run.Rule is null)
            {
                weights[part].CopyTo(newWeights[part]);
            }
            else if (run.Rule != Optimizer || Optimizer.SlotCount == 0)
            {
                run.Rule.Update(step, gradientSum[part], weightSum, weights[part], newWeights[part], [], []);
            }
            else
            {
                UpdateWithSlots(step, gradientSum[part], weightSum, weights[part], newWeights[part], newSlots, part.Start.Value, length);
            }
        }
    }

    /// <summary>The optimizer on a part of a block: its slots lie apart there, and together in a rented buffer.</summary>
    private void UpdateWithSlots(
        in UpdateStep step,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        Span<float> slots,
        int start,
        int stride)
    {
        int length = weights.Length, count = Optimizer.SlotCount;
        float[] rented = ArrayPool<float>.Shared.Rent(count * length);
        Span<float> own = rented.AsSpan(0, count * length);
        for (int slot = 0; slot < count; slot++)
        {
            slots.Slice((slot * stride) + start, length).CopyTo(own.Slice(slot * length, length));
        }

        Optimizer.Update(step, gradientSum, weightSum, weights, newWeights, own, own);
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
