using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public class DataFingerprintTests
{
    [Fact]
    public void Equal_samples_have_equal_fingerprints_whatever_holds_them()
    {
        string expected = DataFingerprint.Compute(Source(100));
        Assert.Equal(expected, DataFingerprint.Compute(Source(100)));
        Assert.Equal(expected, DataFingerprint.Compute(Splits.First(Source(150), 100)));
        Assert.Equal(64, expected.Length);
    }

    [Fact]
    public void One_changed_bit_count_shape_or_class_changes_it()
    {
        string[] all =
        [
            DataFingerprint.Compute(Source(100)),
            DataFingerprint.Compute(Source(99)),
            DataFingerprint.Compute(Source(100, bump: 1)),
            DataFingerprint.Compute(Source(100, label: 1)),
            DataFingerprint.Compute(Source(100, classes: 3)),
            DataFingerprint.Compute(Source(100, shape: new Shape(2, 1))),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    private static IDataSource Source(int count, float bump = 0, int label = 0, int classes = 2, Shape? shape = null)
    {
        float[] features = [.. Enumerable.Range(0, count * 2).Select(i => (float)i)];
        features[70] += bump;
        int[] labels = new int[count];
        labels[80] = label;
        return Dataset.FromArrays(features, shape ?? new Shape(2), labels, classes);
    }
}
