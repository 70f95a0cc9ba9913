using System.Buffers;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Sample i is sample chosen[i] of another source.</summary>
internal sealed class SubsetSource : IDataSource
{
    private readonly IDataSource source;
    private readonly int[] chosen;

    public SubsetSource(IDataSource source, int[] chosen)
    {
        foreach (int index in chosen)
        {
            ReadCheck.Index(source, index);
        }

        ArgumentOutOfRangeException.ThrowIfZero(chosen.Length, nameof(chosen));
        this.source = source;
        this.chosen = chosen;
    }

    public string Name => source.Name;

    public int Count => chosen.Length;

    public Shape SampleShape => source.SampleShape;

    public TargetDescription Target => source.Target;

    public bool WaitsForFiles => source.WaitsForFiles;

    public string Place(int index, int feature) => source.Place(chosen[index], feature);

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        int[] mapped = ArrayPool<int>.Shared.Rent(indices.Length);
        for (int row = 0; row < indices.Length; row++)
        {
            ReadCheck.Index(this, indices[row]);
            mapped[row] = chosen[indices[row]];
        }

        source.Read(mapped.AsSpan(0, indices.Length), features, targets);
        ArrayPool<int>.Shared.Return(mapped);
    }
}
