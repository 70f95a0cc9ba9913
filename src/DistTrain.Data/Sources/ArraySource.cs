using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Samples held as floats in memory. The arrays belong to the source from then on.</summary>
internal sealed class ArraySource : IDataSource
{
    private readonly float[] features;
    private readonly float[] targets;

    /// <summary>Row-major features [count, shape] and targets [count, target shape].</summary>
    public ArraySource(string name, Shape sampleShape, float[] features, TargetDescription target, float[] targets)
    {
        int count = features.Length / sampleShape.Length;
        if (count == 0 || (long)count * sampleShape.Length != features.Length)
        {
            throw new UserError(
                $"{name}: {features.Length} floats are not a whole number (at least 1) of samples of shape {sampleShape}.");
        }

        if ((long)count * target.Length != targets.Length)
        {
            throw new UserError(
                $"{name}: {count} samples need {(long)count * target.Length} target values ({target}), found {targets.Length}.");
        }

        for (int i = 0; target.Kind == TargetKind.Class && i < targets.Length; i++)
        {
            if (!(targets[i] >= 0 && targets[i] < target.Classes) || targets[i] != (int)targets[i])
            {
                throw new UserError($"{name}: sample {i / target.Length} has class {targets[i]}; allowed 0 to {target.Classes - 1}.");
            }
        }

        Name = name;
        Count = count;
        SampleShape = sampleShape;
        Target = target;
        this.features = features;
        this.targets = targets;
    }

    public string Name { get; }

    public int Count { get; }

    public Shape SampleShape { get; }

    public TargetDescription Target { get; }

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        int featureLength = SampleShape.Length;
        int targetLength = targets.IsEmpty ? 0 : Target.Length;
        for (int row = 0; row < indices.Length; row++)
        {
            int index = indices[row];
            ReadCheck.Index(this, index);
            this.features.AsSpan(index * featureLength, featureLength).CopyTo(features[(row * featureLength)..]);
            this.targets.AsSpan(index * targetLength, targetLength).CopyTo(targets[(row * targetLength)..]);
        }
    }
}
