using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>
/// Counts instead of learning: weight j of every tensor is the number of steps in which slice j was committed. A slice left out,
/// or entered twice, makes a count wrong; every computation checks the counts it is given.
/// </summary>
public sealed class CountingApplication : ISimulatedApplication, IBlockUpdate
{
    private const int Tensors = 3;

    // By version: every computation asks for them.
    private readonly List<float[]> counts = [];

    /// <param name="run">Whose slices are counted.</param>
    public CountingApplication(RunPlan run)
    {
        Run = run.Validated();
        Blocks = BlockPlan.Create(
            [.. Enumerable.Range(0, Tensors).Select(i => new TensorLength($"counts{i}", run.Slices))], blockFloatsMax: run.Slices);
        counts.Add(new float[Blocks.Floats]);
    }

    /// <summary>A small run drawn from a seed: slices, batches, absent slices, passes and measured sets vary.</summary>
    public static CountingApplication Of(ulong seed)
    {
        var random = new SimulationRandom(seed ^ 0xC0047);
        int samples = random.Between(1, 40);
        return new CountingApplication(new RunPlan
        {
            Samples = samples,
            Batch = random.Between(1, samples),
            Slices = 1 << random.Below(6),
            Passes = random.Between(1, 3),
            Evaluations =
            [
                .. Enumerable.Range(0, random.Below(3)).Select(i => new EvaluationSet(
                    $"set{i}", random.Between(1, 20), random.Between(1, 8), (EvaluationTiming)random.Below(2))),
            ],
        });
    }

    public RunPlan Run { get; }

    public BlockPlan Blocks { get; }

    public IBlockUpdate Update => this;

    /// <inheritdoc/>
    public float[] ExpectedAt(WeightVersion version)
    {
        while (counts.Count <= version.Value)
        {
            var step = new StepNumber(counts.Count - 1);
            float[] after = [.. counts[^1]];
            for (int i = 0; i < after.Length; i++)
            {
                after[i] += Present(step, i % Run.Slices);
            }

            counts.Add(after);
        }

        return counts[(int)version.Value];
    }

    public int SlotFloats(Block block) => 0;

    public void Initialize(Block block, Span<float> weights, Span<float> slots)
    {
    }

    public RangeStatistics Compute(StepNumber step, SliceRange range, ReadOnlySpan<float> weights, Span<float> gradient)
    {
        Require(step.Before, weights);
        int present = 0;
        gradient.Clear();
        for (int slice = range.First; slice < range.End; slice++)
        {
            int one = Present(step, slice);
            present += one;
            for (int i = slice; i < gradient.Length; i += Run.Slices)
            {
                gradient[i] = one;
            }
        }

        return new RangeStatistics(range.Rows(Run.RowsOf(step), Run.Slices), [present]);
    }

    public RangeStatistics Evaluate(WeightVersion version, EvaluationBatch batch, ReadOnlySpan<float> weights)
    {
        Require(version, weights);
        return new RangeStatistics(Run.Evaluations[batch.Set].RowsOf(batch.Batch), [version.Value]);
    }

    void IBlockUpdate.Update(
        Block block, StepNumber step, UpdateScale scale, ReadOnlySpan<float> gradientSum, float weightSum,
        ReadOnlySpan<float> weights, Span<float> newWeights, ReadOnlySpan<float> slots, Span<float> newSlots)
    {
        if (weightSum != Run.RowsOf(step))
        {
            throw new InvalidOperationException($"{step} of {block.Id} commits {weightSum} samples instead of {Run.RowsOf(step)}.");
        }

        for (int i = 0; i < weights.Length; i++)
        {
            newWeights[i] = weights[i] + gradientSum[i];
        }
    }

    private int Present(StepNumber step, int slice) => new SliceRange(slice, 1).Rows(Run.RowsOf(step), Run.Slices) > 0 ? 1 : 0;

    private void Require(WeightVersion version, ReadOnlySpan<float> weights)
    {
        if (!weights.SequenceEqual(ExpectedAt(version)))
        {
            throw new InvalidOperationException($"Counts at {version} are [{string.Join(' ', weights.ToArray())}].");
        }
    }
}
