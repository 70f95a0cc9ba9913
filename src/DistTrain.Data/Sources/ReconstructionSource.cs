using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A source's samples with samples as their targets: what an auto-encoder learns.</summary>
internal sealed class ReconstructionSource : IDataSource
{
    private readonly IDataSource source;
    private readonly IDataSource targets;

    /// <param name="source">What the network sees; its own targets are left out.</param>
    /// <param name="targets">The same samples as the network shall give them: scaled, not changed.</param>
    public ReconstructionSource(IDataSource source, IDataSource targets)
    {
        this.source = source;
        this.targets = targets;
        Target = TargetDescription.ForValues(targets.SampleShape);
    }

    public string Name => source.Name;

    public int Count => source.Count;

    public Shape SampleShape => source.SampleShape;

    public TargetDescription Target { get; }

    public bool WaitsForFiles => source.WaitsForFiles;

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        source.Read(indices, features, []);
        if (targets.IsEmpty)
        {
            return;
        }

        if (ReferenceEquals(source, this.targets))
        {
            features.CopyTo(targets);
            return;
        }

        this.targets.Read(indices, targets, []);
    }
}
