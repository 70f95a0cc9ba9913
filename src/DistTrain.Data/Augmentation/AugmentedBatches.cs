using System.Buffers;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// Changes the samples of a batch as they are gathered for training. Ops are applied in their order, then mixup with a partner that
/// went through the same ops under its own index. Keeps nothing between calls: any thread may change any part of any batch.
/// </summary>
public sealed class AugmentedBatches
{
    private readonly IDataSource source;
    private readonly IReadOnlyList<IAugmentation> ops;
    private readonly uint[] streams;
    private readonly Mixup? mixup;
    private readonly EpochPermutation? partners;
    private readonly ulong seed;
    private readonly float[] black;

    /// <param name="source">The training part, scaled.</param>
    /// <param name="ops">In the order in which they are applied.</param>
    /// <param name="mixup">Null: none. Its source must have one number a class as targets.</param>
    /// <param name="seed">The job's.</param>
    /// <param name="standardization">Done to the source: tells what black is.</param>
    /// <exception cref="UserError">An op can't change such samples.</exception>
    public AugmentedBatches(IDataSource source, IReadOnlyList<IAugmentation> ops, Mixup? mixup, ulong seed, Standardization? standardization)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(ops);
        foreach (IAugmentation op in ops)
        {
            op.Check(source.SampleShape);
        }

        this.source = source;
        this.ops = ops;
        this.mixup = mixup;
        this.seed = seed;

        // A second op of a kind draws from a stream of its own.
        streams = [.. ops.Select((op, i) => Philox.Stream(ops.Take(i).Count(other => other.Name == op.Name) is > 0 and int n ? $"{op.Name}_{n}" : op.Name))];
        partners = mixup is null ? null : Mixup.Partners(seed, source.Count);
        int channels = source.SampleShape.Rank == 0 ? 1 : source.SampleShape.Dims[^1];
        black = new float[channels];
        for (int c = 0; c < channels && standardization is not null; c++)
        {
            black[c] = (0 - standardization.Mean[c]) / standardization.Deviation[c];
        }
    }

    /// <summary>Changes rows that were gathered from the source.</summary>
    /// <param name="pass">From 0.</param>
    /// <param name="indices">Of the samples.</param>
    /// <param name="features">Rows × SampleShape.Length.</param>
    /// <param name="targets">Rows × Target.Length.</param>
    public void Apply(int pass, ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        int length = source.SampleShape.Length, targetLength = source.Target.Length;
        float[] scratch = ArrayPool<float>.Shared.Rent((2 * length) + targetLength);
        for (int row = 0; row < indices.Length; row++)
        {
            Span<float> sample = features.Slice(row * length, length);
            Change(pass, indices[row], sample, scratch.AsSpan(0, length));
            if (mixup is not null)
            {
                int partner = partners!.At(pass, indices[row]);
                Span<float> other = scratch.AsSpan(length, length), otherTarget = scratch.AsSpan(2 * length, targetLength);
                source.Read(partner, other, otherTarget);
                Change(pass, partner, other, scratch.AsSpan(0, length));
                float share = mixup.Share(seed, (uint)indices[row], (uint)pass);
                Mix(sample, other, share);
                Mix(targets.Slice(row * targetLength, targetLength), otherTarget, share);
            }
        }

        ArrayPool<float>.Shared.Return(scratch);
    }

    private static void Mix(Span<float> values, ReadOnlySpan<float> others, float share)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (values[i] * share) + (others[i] * (1 - share));
        }
    }

    private void Change(int pass, int index, Span<float> sample, Span<float> scratch)
    {
        for (int i = 0; i < ops.Count; i++)
        {
            ops[i].Apply(new SampleDraw(seed, (uint)index, (uint)pass, streams[i]), source.SampleShape, sample, scratch, black);
        }
    }
}
