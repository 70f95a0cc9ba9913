using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public class AugmentedBatchesTests
{
    private static readonly IDataSource Pictures = Dataset.FromArrays(
        [.. Enumerable.Range(0, 50 * 5 * 4 * 2).Select(i => (i % 97) + 1f)], new Shape(5, 4, 2), [.. Enumerable.Range(0, 50).Select(i => i % 3)], 3);

    public static TheoryData<string> Ops => ["flip", "crop", "rotate", "cutout", "noise"];

    [Theory]
    [MemberData(nameof(Ops))]
    public void A_sample_is_changed_the_same_alone_and_in_any_batch_and_anew_in_each_pass(string name)
    {
        var batches = new AugmentedBatches(Pictures, [Op(name)], null, 7, null);
        float[] together = Gather(batches, 2, [.. Enumerable.Range(0, 50)]);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(together[(i * 40)..((i + 1) * 40)], Gather(batches, 2, [i]));
        }

        Assert.NotEqual(together, Gather(batches, 3, [.. Enumerable.Range(0, 50)]));
        Assert.NotEqual(together, Gather(new AugmentedBatches(Pictures, [Op(name)], null, 8, null), 2, [.. Enumerable.Range(0, 50)]));
    }

    [Fact]
    public void Half_of_the_pictures_are_mirrored_and_the_others_stay()
    {
        var batches = new AugmentedBatches(Pictures, [new Flip()], null, 1, null);
        int mirrored = 0;
        for (int i = 0; i < 50; i++)
        {
            float[] before = Gather(null, 0, [i]), after = Gather(batches, 0, [i]);
            bool same = before.SequenceEqual(after);
            mirrored += same ? 0 : 1;
            for (int pixel = 0; !same && pixel < 20; pixel++)
            {
                int from = (pixel / 4 * 4) + 3 - (pixel % 4);
                Assert.Equal(before[(from * 2)..((from * 2) + 2)], after[(pixel * 2)..((pixel * 2) + 2)]);
            }
        }

        Assert.InRange(mirrored, 15, 35);
    }

    [Fact]
    public void A_shift_moves_by_whole_pixels_and_black_comes_in()
    {
        var standardization = new Standardization([2, 4], [4, 2]);
        var batches = new AugmentedBatches(Pictures, [new Shift(2)], null, 1, standardization);
        var seen = new HashSet<(int, int)>();
        for (int i = 0; i < 50; i++)
        {
            float[] before = Gather(null, 0, [i]), after = Gather(batches, 0, [i]);
            (int down, int right) = (from d in Enumerable.Range(-2, 5) from r in Enumerable.Range(-2, 5) where IsShifted(before, after, d, r) select (d, r)).First();
            seen.Add((down, right));
        }

        Assert.True(seen.Count > 10, $"{seen.Count} different shifts");
    }

    [Fact]
    public void Turning_by_little_keeps_the_middle_and_by_nothing_everything()
    {
        float[] picture = [.. Enumerable.Range(0, 9).Select(i => (float)i)];
        IDataSource source = Dataset.FromArrays(picture, new Shape(3, 3, 1), [0], 1);
        float[] turned = Gather(new AugmentedBatches(source, [new Rotate(90)], null, 1, null), 0, [0], source);
        Assert.Equal(4, turned[4], 1e-5f);
        Assert.NotEqual(picture, turned);
        float[] still = Gather(new AugmentedBatches(source, [new Rotate(1e-20f)], null, 1, null), 0, [0], source);
        Assert.Equal(picture, still);
    }

    [Fact]
    public void Noise_has_its_deviation()
    {
        var batches = new AugmentedBatches(Pictures, [new Noise(0.5f)], null, 1, null);
        int[] all = [.. Enumerable.Range(0, 50)];
        float[] before = Gather(null, 0, all), after = Gather(batches, 0, all);
        double deviation = Math.Sqrt(before.Zip(after, (a, b) => (double)(a - b) * (a - b)).Average());
        Assert.InRange(deviation, 0.47, 0.53);
    }

    [Fact]
    public void Mixup_mixes_features_and_shares_by_one_number_with_a_partner_of_its_own()
    {
        IDataSource shares = Pictures.WithShares();
        var mixup = new Mixup(0.4);
        var batches = new AugmentedBatches(shares, [], mixup, 5, null);
        EpochPermutation partners = Mixup.Partners(5, 50);
        var used = new HashSet<int>();
        for (int i = 0; i < 50; i++)
        {
            float[] features = new float[40], targets = new float[3], own = new float[40], other = new float[40], ownTarget = new float[3], otherTarget = new float[3];
            int partner = partners.At(1, i);
            used.Add(partner);
            shares.Read(i, own, ownTarget);
            shares.Read(partner, other, otherTarget);
            shares.Read(i, features, targets);
            batches.Apply(1, [i], features, targets);
            float share = mixup.Share(5, (uint)i, 1);
            Assert.InRange(share, 0, 1);
            Assert.Equal((own[7] * share) + (other[7] * (1 - share)), features[7]);
            Assert.Equal((ownTarget[1] * share) + (otherTarget[1] * (1 - share)), targets[1]);
            Assert.Equal(1, targets.Sum(), 1e-6f);
        }

        Assert.Equal(50, used.Count);
    }

    [Fact]
    public void Shares_of_beta_are_even_around_one_half_and_spread_as_they_should()
    {
        var mixup = new Mixup(1);
        double[] uniform = [.. Enumerable.Range(0, 4000).Select(i => (double)mixup.Share(1, (uint)i, 0))];
        Assert.InRange(uniform.Average(), 0.48, 0.52);
        Assert.InRange(uniform.Average(value => value * value) - Math.Pow(uniform.Average(), 2), (1 / 12.0) - 0.005, (1 / 12.0) + 0.005);
        double[] spread = [.. Enumerable.Range(0, 4000).Select(i => (double)new Mixup(0.2).Share(1, (uint)i, 0))];

        // Variance of Beta(a, a) is 1 / (4 (2 a + 1)).
        Assert.InRange(spread.Average(value => value * value) - Math.Pow(spread.Average(), 2), (1 / 5.6) - 0.01, (1 / 5.6) + 0.01);
    }

    [Fact]
    public void Samples_that_are_no_pictures_are_refused()
    {
        IDataSource rows = Dataset.FromArrays([1f, 2], new Shape(2), [0], 1);
        Assert.Equal(
            "data.augment: flip can't change samples (2); allowed: pictures (height, width, channels) of at least 1 x 1",
            Assert.Throws<UserError>(() => new AugmentedBatches(rows, [new Flip()], null, 1, null)).Message);
        Assert.Equal(
            "data.mixup: arrays has values (1); allowed: one class a sample",
            Assert.Throws<UserError>(() => Dataset.FromArrays([1f], new Shape(1), [1f], new Shape(1)).WithShares()).Message);
    }

    private static bool IsShifted(float[] before, float[] after, int down, int right)
    {
        float[] black = [-0.5f, -2];
        return Enumerable.Range(0, 40).All(i =>
        {
            (int y, int x, int c) = (i / 8, i / 2 % 4, i % 2);
            (int fromY, int fromX) = (y - down, x - right);
            return after[i] == (fromY is >= 0 and < 5 && fromX is >= 0 and < 4 ? before[(fromY * 8) + (fromX * 2) + c] : black[c]);
        });
    }

    private static IAugmentation Op(string name) => name switch
    {
        "flip" => new Flip(true, true),
        "crop" => new Shift(2, "crop"),
        "rotate" => new Rotate(20),
        "cutout" => new Cutout(2),
        _ => new Noise(0.1f),
    };

    private static float[] Gather(AugmentedBatches? batches, int pass, int[] indices, IDataSource? source = null)
    {
        source ??= Pictures;
        float[] features = new float[indices.Length * source.SampleShape.Length], targets = new float[indices.Length];
        source.Read(indices, features, targets);
        batches?.Apply(pass, indices, features, targets);
        return features;
    }
}
