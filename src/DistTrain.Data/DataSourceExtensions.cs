using DistTrain.Tensors;

namespace DistTrain.Data;

public static class DataSourceExtensions
{
    /// <summary>Reads one sample: SampleShape.Length features and Target.Length targets (empty skips them).</summary>
    public static void Read(this IDataSource source, int index, Span<float> features, Span<float> targets) =>
        source.Read([index], features, targets);

    /// <summary>The same samples, each with a weight in the loss: 0 or more, 1 where all are alike.</summary>
    /// <param name="source">Has targets, and no weights yet.</param>
    /// <param name="weights">One a sample; copied.</param>
    /// <exception cref="UserError">The number is another, or a weight is negative or no number.</exception>
    public static IDataSource WithWeights(this IDataSource source, float[] weights) => new WeightedSource(source, weights);

    /// <summary>The same samples with a share of each class as target, as mixing needs it.</summary>
    /// <exception cref="UserError">The targets are not one class a sample.</exception>
    public static IDataSource WithShares(this IDataSource source) => source.Target is { Kind: TargetKind.Class, Shape.Rank: 0 }
        ? new SharesSource(source)
        : throw new UserError($"data.mixup: {source.Name} has {source.Target}; allowed: one class a sample");

    /// <summary>The same samples, each with itself as target: what an auto-encoder learns. Augmentation doesn't change targets.</summary>
    /// <param name="source">Its own targets are left out.</param>
    /// <param name="targets">The samples as targets, where they are scaled otherwise; null: as they are.</param>
    public static IDataSource WithSamplesAsTargets(this IDataSource source, IDataSource? targets = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return (targets ?? source).Count == source.Count ? new ReconstructionSource(source, targets ?? source)
            : throw new ArgumentException($"{source.Count} samples and {targets!.Count} targets.", nameof(targets));
    }

    /// <summary>The class index of each sample, in order; of sequences, of each position, sample by sample.</summary>
    /// <exception cref="InvalidOperationException">The targets are not classes.</exception>
    public static int[] ReadClasses(this IDataSource source)
    {
        if (source.Target.Kind != TargetKind.Class)
        {
            throw new InvalidOperationException($"{source.Name} has {source.Target}, not classes.");
        }

        int positions = source.Target.ValueLength;
        float[] features = new float[source.SampleShape.Length], target = new float[source.Target.Length];
        int[] classes = new int[checked(source.Count * positions)];
        for (int i = 0; i < source.Count; i++)
        {
            source.Read(i, features, target);
            for (int position = 0; position < positions; position++)
            {
                classes[(i * positions) + position] = (int)target[position];
            }
        }

        return classes;
    }
}
