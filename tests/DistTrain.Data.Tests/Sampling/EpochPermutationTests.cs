namespace DistTrain.Data.Tests;

public class EpochPermutationTests
{
    [Fact]
    public void Every_count_up_to_2000_gives_a_bijection()
    {
        for (int count = 1; count <= 2000; count++)
        {
            AssertBijection(new EpochPermutation(7, count), pass: count % 5);
        }
    }

    [Theory]
    [InlineData(1999)]
    [InlineData(2000)]
    [InlineData(8111)]
    [InlineData(60_000)]
    [InlineData(65_536)]
    public void A_large_count_gives_a_bijection(int count) => AssertBijection(new EpochPermutation(1, count), pass: 3);

    [Fact]
    public void Passes_and_seeds_give_unrelated_orders()
    {
        const int count = 10_000;
        var permutation = new EpochPermutation(1, count);
        var other = new EpochPermutation(2, count);
        int samePass = 0, sameSeed = 0, fixedPoints = 0;
        for (int position = 0; position < count; position++)
        {
            samePass += permutation.At(0, position) == permutation.At(1, position) ? 1 : 0;
            sameSeed += permutation.At(0, position) == other.At(0, position) ? 1 : 0;
            fixedPoints += permutation.At(0, position) == position ? 1 : 0;
        }

        // Coincidences of two random permutations are Poisson distributed with mean 1: 10 or more has probability 1e-7.
        Assert.InRange(samePass, 0, 9);
        Assert.InRange(sameSeed, 0, 9);
        Assert.InRange(fixedPoints, 0, 9);
    }

    [Fact]
    public void Where_a_sample_goes_is_uniform_over_the_passes()
    {
        // Chi-square with 49 degrees of freedom: mean 49, standard deviation 9.9; above 110 has probability 1e-6.
        const int count = 50;
        const int passes = 5000;
        var permutation = new EpochPermutation(11, count);
        foreach (int position in new[] { 0, 1, 24, 49 })
        {
            int[] hits = new int[count];
            for (int pass = 0; pass < passes; pass++)
            {
                hits[permutation.At(pass, position)]++;
            }

            double expected = (double)passes / count;
            double chiSquare = hits.Sum(hit => (hit - expected) * (hit - expected) / expected);
            Assert.InRange(chiSquare, 15, 110);
        }
    }

    [Fact]
    public void Neighbours_do_not_stay_neighbours()
    {
        const int count = 60_000;
        var permutation = new EpochPermutation(3, count);
        double distance = 0;
        for (int position = 0; position + 1 < count; position++)
        {
            distance += Math.Abs(permutation.At(0, position) - permutation.At(0, position + 1));
        }

        // Mean distance of two random points is count / 3; 60,000 of them average within about 0.2 %.
        Assert.InRange(distance / (count - 1) / count, 0.330, 0.3367);
    }

    [Fact]
    public void Fill_is_At_for_each_position()
    {
        foreach (int count in new[] { 1, 2, 3, 5, 101, 128, 997, 10_000 })
        {
            var permutation = new EpochPermutation(5, count);
            for (int pass = 2; pass < 4; pass++)
            {
                int[] samples = new int[count - (count / 3)];
                permutation.Fill(pass, count / 3, samples);
                Assert.Equal(Enumerable.Range(count / 3, samples.Length).Select(position => permutation.At(pass, position)), samples);
            }
        }
    }

    [Fact]
    public void Threads_in_different_passes_do_not_disturb_each_other()
    {
        var permutation = new EpochPermutation(5, 1000);
        int[][] expected = [.. Enumerable.Range(0, 4).Select(pass => Enumerable.Range(0, 1000).Select(i => permutation.At(pass, i)).ToArray())];
        Parallel.For(0, 400, i =>
        {
            int[] samples = new int[1000];
            permutation.Fill(i % 4, 0, samples);
            Assert.Equal(expected[i % 4], samples);
        });
    }

    [Fact]
    public void The_order_is_part_of_the_numerics_contract()
    {
        // A change here changes every run's weights: raise Numerics.Version.
        var permutation = new EpochPermutation(1, 60_000);
        Assert.Equal([55965, 722, 57640, 40358, 56911], Enumerable.Range(0, 5).Select(position => permutation.At(0, position)).ToArray());
    }

    [Fact]
    public void Positions_outside_the_set_are_refused()
    {
        var permutation = new EpochPermutation(1, 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => permutation.At(0, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => permutation.At(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => permutation.At(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EpochPermutation(1, 0));
    }

    private static void AssertBijection(EpochPermutation permutation, int pass)
    {
        bool[] seen = new bool[permutation.Count];
        for (int position = 0; position < permutation.Count; position++)
        {
            int sample = permutation.At(pass, position);
            if (seen[sample])
            {
                Assert.Fail($"count {permutation.Count}: sample {sample} comes twice");
            }

            seen[sample] = true;
        }
    }
}
