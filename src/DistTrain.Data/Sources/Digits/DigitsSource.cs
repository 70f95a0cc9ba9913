using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// A run of the built-in digits. Sample i depends on the seed and i alone; pictures are drawn in blocks when they are first
/// read and kept as bytes.
/// </summary>
internal sealed class DigitsSource : IDataSource
{
    /// <summary>Small, so that a shuffled first pass draws little that it doesn't need yet.</summary>
    private const int BlockSamples = 8;

    private static readonly uint DrawStream = Philox.Stream("digits");
    private static readonly uint LabelStream = Philox.Stream("digits/labels");

    private readonly ulong seed;
    private readonly int first;
    private readonly byte[] labels;
    private readonly byte[]?[] blocks;

    /// <summary>Samples [first, first + count) of the set of that seed. Labels are balanced within the run.</summary>
    public DigitsSource(string name, ulong seed, int first, int count)
    {
        Name = name;
        Count = count;
        this.seed = seed;
        this.first = first;
        int[] order = new int[count];
        new EpochPermutation(seed, count, LabelStream).Fill(first, 0, order);
        labels = Array.ConvertAll(order, place => (byte)(place % 10));

        blocks = new byte[(count + BlockSamples - 1) / BlockSamples][];
    }

    public string Name { get; }

    public int Count { get; }

    public Shape SampleShape { get; } = new(DigitRenderer.Side, DigitRenderer.Side, 1);

    public TargetDescription Target { get; } = TargetDescription.ForClasses(10);

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        for (int row = 0; row < indices.Length; row++)
        {
            ReadCheck.Index(this, indices[row]);
            PixelScaling.ToUnit(PixelsOf(indices[row]), features[(row * DigitRenderer.Pixels)..]);
            if (!targets.IsEmpty)
            {
                targets[row] = labels[indices[row]];
            }
        }
    }

    /// <summary>The 784 bytes of a sample.</summary>
    internal ReadOnlySpan<byte> PixelsOf(int index)
    {
        int block = index / BlockSamples;

        // Two threads may draw the same block at the same time: they draw the same bytes, and either array serves.
        byte[] pixels = Volatile.Read(ref blocks[block]) ?? Draw(block);
        return pixels.AsSpan(index % BlockSamples * DigitRenderer.Pixels, DigitRenderer.Pixels);
    }

    private byte[] Draw(int block)
    {
        int start = block * BlockSamples;
        byte[] pixels = new byte[Math.Min(BlockSamples, Count - start) * DigitRenderer.Pixels];
        for (int i = 0; i * DigitRenderer.Pixels < pixels.Length; i++)
        {
            var random = new DigitRandom(seed, (uint)(first + start + i), DrawStream);
            Span<byte> picture = pixels.AsSpan(i * DigitRenderer.Pixels, DigitRenderer.Pixels);
            DigitRenderer.Draw(DigitGlyphs.Styles[labels[start + i]], random, picture);
        }

        Volatile.Write(ref blocks[block], pixels);
        return pixels;
    }
}
