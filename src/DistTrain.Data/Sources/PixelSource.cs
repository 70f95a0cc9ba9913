using System.Buffers;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// Pictures (or any bytes) held as bytes, a quarter of the memory of floats, or left in their file, and scaled to [0, 1] as they are
/// read.
/// </summary>
internal sealed class PixelSource : IDataSource
{
    private readonly RecordStore pixels;
    private readonly byte[]? labels;

    /// <summary>Row-major pixels [count, shape] and one label a sample (null when the target is none); checked by the reader of the format.</summary>
    public PixelSource(string name, Shape sampleShape, RecordStore pixels, TargetDescription target, byte[]? labels)
    {
        Name = name;
        SampleShape = sampleShape;
        Target = target;
        Count = pixels.Count;
        if (Count == 0 || pixels.RecordBytes != sampleShape.Length || (labels?.Length ?? Count) != Count || (labels is null) != (target.Kind == TargetKind.None))
        {
            throw new InvalidOperationException($"{name}: {Count} records of {pixels.RecordBytes} bytes for {sampleShape}, {labels?.Length} labels, {target}.");
        }

        this.pixels = pixels;
        this.labels = labels;
    }

    public string Name { get; }

    public int Count { get; }

    public Shape SampleShape { get; }

    public TargetDescription Target { get; }

    public bool WaitsForFiles => pixels.IsFile;

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        int length = SampleShape.Length;
        foreach (int index in indices)
        {
            ReadCheck.Index(this, index);
        }

        if (pixels.IsFile)
        {
            byte[] bytes = ArrayPool<byte>.Shared.Rent(indices.Length * length);
            pixels.Gather(indices, bytes.AsSpan(0, indices.Length * length));
            PixelScaling.ToUnit(bytes.AsSpan(0, indices.Length * length), features);
            ArrayPool<byte>.Shared.Return(bytes);
        }
        else
        {
            for (int row = 0; row < indices.Length; row++)
            {
                PixelScaling.ToUnit(pixels.InMemory(indices[row]), features[(row * length)..]);
            }
        }

        for (int row = 0; labels is not null && row < targets.Length; row++)
        {
            targets[row] = labels[indices[row]];
        }
    }
}
