using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>y = (x - mean) / deviation, with one pair for each place of the last dimension (a picture's channel, a table's column).</summary>
public sealed class Standardization
{
    /// <param name="mean">One for each place of the last dimension.</param>
    /// <param name="deviation">Likewise, each above 0.</param>
    public Standardization(IReadOnlyList<float> mean, IReadOnlyList<float> deviation)
    {
        if (mean.Count != deviation.Count || mean.Count == 0)
        {
            throw new UserError($"standardisation: {mean.Count} means and {deviation.Count} deviations; the same number, at least 1, is needed.");
        }

        for (int i = 0; i < mean.Count; i++)
        {
            if (!float.IsFinite(mean[i]) || !float.IsFinite(deviation[i]) || deviation[i] <= 0)
            {
                throw new UserError(FormattableString.Invariant(
                    $"standardisation: mean {mean[i]} and deviation {deviation[i]} at {i}; allowed finite, deviation above 0."));
            }
        }

        Mean = mean;
        Deviation = deviation;
    }

    public IReadOnlyList<float> Mean { get; }

    public IReadOnlyList<float> Deviation { get; }

    /// <summary>
    /// Mean and population deviation of a source, which must be the training part alone. In double precision, samples and
    /// elements ascending; the mean first, then the squares of the differences. A place that never changes gets deviation 1.
    /// </summary>
    public static Standardization Fit(IDataSource train)
    {
        int channels = train.SampleShape.Rank == 0 ? 1 : train.SampleShape.Dims[^1];
        double perChannel = (double)train.Count * (train.SampleShape.Length / channels);
        double[] means = Sum(train, new double[channels], power: 1);
        for (int c = 0; c < channels; c++)
        {
            means[c] /= perChannel;
        }

        double[] squares = Sum(train, means, power: 2);
        float[] mean = new float[channels];
        float[] deviation = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            mean[c] = (float)means[c];
            float root = (float)Math.Sqrt(squares[c] / perChannel);
            deviation[c] = root > 0 ? root : 1;
        }

        return new Standardization(mean, deviation);
    }

    /// <summary>The source with standardised features; targets stay as they are.</summary>
    public IDataSource Apply(IDataSource source)
    {
        int channels = source.SampleShape.Rank == 0 ? 1 : source.SampleShape.Dims[^1];
        return channels == Mean.Count
            ? new StandardizedSource(source, [.. Mean], [.. Deviation])
            : throw new UserError($"{source.Name}: standardisation has {Mean.Count} means, the last dimension of {source.SampleShape} is {channels}.");
    }

    private static double[] Sum(IDataSource source, double[] offsets, int power)
    {
        double[] sums = new double[offsets.Length];
        float[] features = new float[source.SampleShape.Length];
        for (int i = 0; i < source.Count; i++)
        {
            source.Read(i, features, []);
            for (int e = 0; e < features.Length; e++)
            {
                int channel = e % sums.Length;
                double value = power == 1 ? features[e] : features[e] - offsets[channel];
                sums[channel] += power == 1 ? value : value * value;
            }
        }

        return sums;
    }

    private sealed class StandardizedSource(IDataSource source, float[] mean, float[] deviation) : IDataSource
    {
        public string Name => source.Name;

        public int Count => source.Count;

        public Shape SampleShape => source.SampleShape;

        public TargetDescription Target => source.Target;

        public bool WaitsForFiles => source.WaitsForFiles;

        public string Place(int index, int feature) => source.Place(index, feature);

        public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
        {
            source.Read(indices, features, targets);
            for (int start = 0; start < features.Length; start += mean.Length)
            {
                Span<float> place = features.Slice(start, mean.Length);
                for (int c = 0; c < place.Length; c++)
                {
                    place[c] = (place[c] - mean[c]) / deviation[c];
                }
            }
        }
    }
}
