namespace DistTrain.Hosting.Tests;

public class ClockEstimateTests
{
    private const long Second = 1_000_000_000;

    /// <summary>Round trips of 0.2 to 5 ms whose two ways differ, one a second; the other clock is far away and runs 80 ppm fast.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Another_clock_that_drifts_is_followed_within_the_uncertainty(int seed)
    {
        var random = new Random(seed);
        var clock = new ClockEstimate();
        long There(long here) => (long)(here * 1.00008) - (3600 * Second);
        long worst = 0;
        for (int second = 0; second < 120; second++)
        {
            long sent = second * Second;
            long forth = 100_000 + (random.Next(3) == 0 ? random.Next(4_000_000) : random.Next(30_000));
            long back = 100_000 + (random.Next(3) == 0 ? random.Next(4_000_000) : random.Next(30_000));
            long answered = sent + forth + 20_000;
            clock.Add(sent, There(sent + forth), There(answered), answered + back);
            if (second > 20)
            {
                long later = sent + Second;
                worst = Math.Max(worst, Math.Abs(clock.ToOther(later) - There(later)));
            }
        }

        Assert.InRange(clock.Uncertainty, 100_000, 140_000);
        Assert.InRange(worst, 1, clock.Uncertainty);
    }

    /// <summary>Estimates that jump to and fro by 0.1 ms: the slewed clock never goes back, and an earlier time stays what it was.</summary>
    [Fact]
    public void A_slewed_clock_grows_and_remembers()
    {
        var random = new Random(4);
        var clock = new SlewedClock();
        var times = new List<(long Here, long There)>();
        long now = 0;
        for (int i = 0; i < 500; i++)
        {
            now += random.Next(1, 2) * Second / 4;
            long jump = random.Next(200_000);
            clock.Follow(now, here => here + (7 * Second) + jump);
            times.Add((now, clock.ToOther(now)));
            times.Add((now + 10, clock.ToOther(now + 10)));
        }

        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.First.There < pair.Second.There));
        Assert.All(times[^400..], time => Assert.Equal(time.There, clock.ToOther(time.Here)));
        Assert.InRange(clock.ToOther(now + Second) - now - Second, 7 * Second, (7 * Second) + 200_000);
    }

    [Fact]
    public void One_clock_is_no_offset_from_itself()
    {
        var clock = new ClockEstimate();
        Assert.False(clock.IsKnown);
        clock.Add(1000, 1500, 1600, 2100);
        Assert.True(clock.IsKnown);
        Assert.Equal(777, clock.ToOther(777));
        Assert.Equal(500, clock.Uncertainty);
    }

    [Fact]
    public void Answers_that_no_clocks_could_give_are_left_out()
    {
        var clock = new ClockEstimate();
        clock.Add(1000, 5000, 4000, 2000);
        clock.Add(2000, 5000, 6000, 1000);
        clock.Add(1000, 5000, 9000, 2000);
        Assert.False(clock.IsKnown);
    }
}
