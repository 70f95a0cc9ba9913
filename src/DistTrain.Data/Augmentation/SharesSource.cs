using System.Buffers;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A source of classes with a share of each class as target: 1 for the sample's own, 0 for the others.</summary>
internal sealed class SharesSource : IDataSource
{
    private readonly IDataSource source;

    /// <param name="source">With one class a sample.</param>
    public SharesSource(IDataSource source)
    {
        this.source = source;
        Target = TargetDescription.ForShares(source.Target.Classes, source.Target.ClassNames);
    }

    public string Name => source.Name;

    public int Count => source.Count;

    public Shape SampleShape => source.SampleShape;

    public TargetDescription Target { get; }

    public bool WaitsForFiles => source.WaitsForFiles;

    public string Place(int index, int feature) => source.Place(index, feature);

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        float[] classes = ArrayPool<float>.Shared.Rent(indices.Length);
        source.Read(indices, features, targets.IsEmpty ? [] : classes.AsSpan(0, indices.Length));
        targets.Clear();
        for (int row = 0; !targets.IsEmpty && row < indices.Length; row++)
        {
            targets[(row * Target.Classes) + (int)classes[row]] = 1;
        }

        ArrayPool<float>.Shared.Return(classes);
    }
}
