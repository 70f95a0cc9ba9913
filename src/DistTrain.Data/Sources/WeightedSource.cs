using System.Buffers;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Another source's samples with a weight behind each target.</summary>
internal sealed class WeightedSource : IDataSource
{
    private readonly IDataSource source;
    private readonly float[] weights;

    public WeightedSource(IDataSource source, float[] weights)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Length != source.Count)
        {
            throw new UserError($"{source.Name}: has {source.Count} samples and {weights.Length} weights; allowed: one weight a sample");
        }

        int wrong = Array.FindIndex(weights, weight => !(weight >= 0 && float.IsFinite(weight)));
        if (wrong >= 0)
        {
            throw new UserError(FormattableString.Invariant($"{source.Name}: sample {wrong} weighs {weights[wrong]}; allowed: numbers from 0"));
        }

        this.source = source;
        this.weights = [.. weights];
        Target = source.Target.Weighted();
    }

    public string Name => source.Name;

    public int Count => source.Count;

    public Shape SampleShape => source.SampleShape;

    public TargetDescription Target { get; }

    public bool WaitsForFiles => source.WaitsForFiles;

    public string Place(int index, int feature) => source.Place(index, feature);

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        if (targets.IsEmpty)
        {
            source.Read(indices, features, targets);
            return;
        }

        int length = Target.ValueLength;
        float[] values = ArrayPool<float>.Shared.Rent(indices.Length * length);
        source.Read(indices, features, values.AsSpan(0, indices.Length * length));
        for (int row = 0; row < indices.Length; row++)
        {
            Span<float> target = targets.Slice(row * (length + 1), length + 1);
            values.AsSpan(row * length, length).CopyTo(target);
            target[length] = weights[indices[row]];
        }

        ArrayPool<float>.Shared.Return(values);
    }
}
