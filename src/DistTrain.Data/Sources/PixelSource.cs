using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// Pictures (or any bytes) held as bytes, a quarter of the memory of floats, and scaled to [0, 1] as they are read.
/// </summary>
internal sealed class PixelSource : IDataSource
{
    private readonly byte[] pixels;
    private readonly byte[]? labels;

    /// <summary>Row-major pixels [count, shape] and one label a sample (null when the target is none); checked by the reader of the format.</summary>
    public PixelSource(string name, Shape sampleShape, byte[] pixels, TargetDescription target, byte[]? labels)
    {
        Name = name;
        SampleShape = sampleShape;
        Target = target;
        Count = pixels.Length / sampleShape.Length;
        if (Count == 0 || (long)Count * sampleShape.Length != pixels.Length || (labels?.Length ?? Count) != Count
            || (labels is null) != (target.Kind == TargetKind.None))
        {
            throw new InvalidOperationException($"{name}: {pixels.Length} bytes of {sampleShape}, {labels?.Length} labels, {target}.");
        }

        this.pixels = pixels;
        this.labels = labels;
    }

    public string Name { get; }

    public int Count { get; }

    public Shape SampleShape { get; }

    public TargetDescription Target { get; }

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        int length = SampleShape.Length;
        for (int row = 0; row < indices.Length; row++)
        {
            ReadCheck.Index(this, indices[row]);
            PixelScaling.ToUnit(pixels.AsSpan(indices[row] * length, length), features[(row * length)..]);
        }

        for (int row = 0; labels is not null && row < targets.Length; row++)
        {
            targets[row] = labels[indices[row]];
        }
    }
}
