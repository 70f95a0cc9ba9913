namespace DistTrain.Data.Tests;

public class SyntheticSetTests
{
    [Fact]
    public void Moons_lie_on_their_half_circles()
    {
        IDataSource moons = SyntheticSet.Moons(200, 0, 1);
        Assert.Equal((200, 2), (moons.Count, moons.Target.Classes));
        float[] place = new float[2], target = new float[1];
        for (int i = 0; i < moons.Count; i++)
        {
            moons.Read(i, place, target);
            (double x, double y) = target[0] == 0 ? (place[0], place[1]) : (1 - place[0], 0.5 - place[1]);
            Assert.Equal(1, (x * x) + (y * y), 1e-5);
            Assert.True(y >= -1e-6, $"sample {i} at {y}");
        }
    }

    [Fact]
    public void Spirals_have_their_arms_and_blobs_their_centres()
    {
        IDataSource spirals = SyntheticSet.Spirals(300, 3, 1, 0, 1);
        Assert.Equal([100, 100, 100], Enumerable.Range(0, 3).Select(which => spirals.ReadClasses().Count(other => other == which)));
        IDataSource blobs = SyntheticSet.Blobs(300, 3, 4, 0, 2);
        float[] first = new float[4], second = new float[4];
        blobs.Read(0, first, []);
        blobs.Read(3, second, []);
        Assert.Equal(first, second);
        blobs.Read(1, second, []);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Sines_are_sums_of_waves_with_noise_of_their_own()
    {
        IDataSource still = SyntheticSet.Sines(500, 2, 0, 3), noisy = SyntheticSet.Sines(500, 2, 0.2f, 3);
        float[] x = new float[1], y = new float[1], z = new float[1];
        double square = 0;
        for (int i = 0; i < 500; i++)
        {
            still.Read(i, x, y);
            noisy.Read(i, x, z);
            Assert.InRange(x[0], -1, 1);
            Assert.InRange(y[0], -1.5f, 1.5f);
            square += (y[0] - z[0]) * (y[0] - z[0]);
        }

        Assert.InRange(Math.Sqrt(square / 500), 0.18, 0.22);
    }

    [Fact]
    public void Bits_are_pinned()
    {
        string[] hashes =
        [
            DataFingerprint.Compute(SyntheticSet.Blobs(100, 3, 2, 1, 1)), DataFingerprint.Compute(SyntheticSet.Moons(100, 0.1f, 1)),
            DataFingerprint.Compute(SyntheticSet.Spirals(100, 2, 1.5f, 0.1f, 1)), DataFingerprint.Compute(SyntheticSet.Sines(100, 3, 0.1f, 1)),
        ];
        Assert.Equal(["c2cfc650beaa0649", "3cda3e10ccd5cccb", "6a6e125bd1d5aabc", "763a94af7ccdf5da"], hashes.Select(hash => hash[..16]));
    }
}
