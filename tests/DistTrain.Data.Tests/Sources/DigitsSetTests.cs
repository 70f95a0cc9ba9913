using System.Security.Cryptography;
using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public class DigitsSetTests
{
    /// <summary>A change here changes every run on the set: raise Numerics.Version.</summary>
    private const string PinnedSha256 = "3dfa210f09dc22797e3be03201c5703101078ffefe696727016e269eca2f7b15";

    [Fact]
    public void The_drawn_set_is_the_same_bytes_everywhere()
    {
        Splits digits = DigitsSet.Open();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (IDataSource part in new[] { digits.Train, digits.Test! })
        {
            var source = (DigitsSource)part;
            float[] features = new float[DigitRenderer.Pixels];
            float[] label = new float[1];
            for (int i = 0; i < source.Count; i++)
            {
                source.Read(i, features, label);
                hash.AppendData(source.PixelsOf(i));
                hash.AppendData([(byte)label[0]]);
            }
        }

        Assert.Equal(PinnedSha256, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public void Sizes_shape_and_balance_are_as_documented()
    {
        Splits digits = DigitsSet.Open();
        Assert.Equal(10_000, digits.Train.Count);
        Assert.Equal(2_000, digits.Test!.Count);
        Assert.Equal(new Shape(28, 28, 1), digits.Train.SampleShape);
        Assert.Equal(10, digits.Train.Target.Classes);
        int[] counts = new int[10];
        float[] features = new float[2000 * 784];
        float[] labels = new float[2000];
        digits.Test.Read([.. Enumerable.Range(0, 2000)], features, labels);
        foreach (float label in labels)
        {
            counts[(int)label]++;
        }

        Assert.All(counts, count => Assert.Equal(200, count));
    }

    [Fact]
    public void A_picture_read_alone_or_first_by_many_threads_is_the_same_picture()
    {
        float[] expected = new float[784];
        DigitsSet.Open().Train.Read(777, expected, []);
        IDataSource shared = DigitsSet.Open().Train;
        Parallel.For(0, 64, i =>
        {
            float[] features = new float[3 * 784];
            float[] labels = new float[3];
            shared.Read([i * 13, 777, 9_999 - i], features, labels);
            Assert.Equal(expected, features[784..1568]);
        });
    }

    [Fact]
    public void Every_style_fits_the_picture_and_another_seed_draws_other_pictures()
    {
        IDataSource train = DigitsSet.Open().Train;
        IDataSource other = DigitsSet.Open(seed: 2).Train;
        float[] features = new float[784];
        float[] otherFeatures = new float[784];
        for (int i = 0; i < 500; i++)
        {
            train.Read(i, features, []);
            other.Read(i, otherFeatures, []);
            Assert.NotEqual(features, otherFeatures);
            int inked = features.Count(value => value > 0.5f);
            Assert.InRange(inked, 15, 300);
            float edge = 0;
            for (int p = 0; p < 28; p++)
            {
                edge += features[p] + features[(27 * 28) + p] + features[p * 28] + features[(p * 28) + 27];
            }

            // Ink that runs off the picture would show as bright edges; noise alone stays far below.
            Assert.InRange(edge / 112, 0, 0.15f);
        }
    }

    [Fact]
    public void Glyph_points_stand_in_their_box()
    {
        foreach (Glyph glyph in DigitGlyphs.Styles.SelectMany(styles => styles))
        {
            Assert.All(glyph.Points, point => Assert.True(Math.Abs(point.X) <= 0.6f && Math.Abs(point.Y) <= 1f));
            Assert.All(glyph.Strokes, stroke => Assert.True(stroke.Points.Length >= 2));
        }
    }
}
