using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Samples that come chunk by chunk from elsewhere.</summary>
/// <param name="manifest">What they are.</param>
/// <param name="chunk">Gets a chunk; may wait for it. Any thread asks.</param>
public sealed class ChunkSource(PartManifest manifest, Func<int, DataChunk> chunk) : IDataSource
{
    public PartManifest Manifest => manifest;

    public string Name => manifest.Name;

    public int Count => manifest.Count;

    public Shape SampleShape => manifest.SampleShape;

    public TargetDescription Target => manifest.Target;

    /// <remarks>Waits for chunks that are not here yet, and takes memory for them; else as every source.</remarks>
    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        int featureLength = SampleShape.Length;
        int targetLength = targets.IsEmpty ? 0 : Target.Length;
        for (int row = 0; row < indices.Length; row++)
        {
            int index = indices[row];
            ReadCheck.Index(this, index);
            (int number, int place) = Math.DivRem(index, manifest.RowsPerChunk);
            chunk(number).Read(place, features.Slice(row * featureLength, featureLength), targets.Slice(row * targetLength, targetLength));
        }
    }
}
