using System.Numerics;

namespace DistTrain.Protocol.Tests;

public class RangeAssignmentTests
{
    [Fact]
    public void Every_slice_has_one_worker_and_no_worker_more_than_two_ranges()
    {
        for (int slices = 1; slices <= 64; slices *= 2)
        {
            for (int workers = 1; workers <= 70; workers++)
            {
                SliceRange[][] ranges = RangeAssignment.Balance(slices, workers);
                AssertCovers(slices, ranges);
                Assert.All(ranges, own => Assert.InRange(own.Length, 0, 2));
                Assert.Equal(Math.Max(0, workers - slices), ranges.Count(own => own.Length == 0));
            }
        }
    }

    [Fact]
    public void Nobody_could_be_faster_with_two_ranges_each()
    {
        for (int slices = 1; slices <= 256; slices *= 2)
        {
            for (int workers = 1; workers <= 40; workers++)
            {
                int slowest = RangeAssignment.Balance(slices, workers).Max(own => own.Sum(range => range.Count));
                Assert.True(slowest == SmallestMaximum(slices, workers), $"{slices} slices, {workers} workers: {slowest}");
            }
        }
    }

    [Theory]
    [InlineData(3, new[] { 3, 3, 2 })]
    [InlineData(5, new[] { 2, 2, 2, 1, 1 })]
    [InlineData(11, new[] { 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0 })]
    public void Eight_slices_are_dealt_evenly(int workers, int[] loads) =>
        Assert.Equal(loads, RangeAssignment.Balance(8, workers).Select(own => own.Sum(range => range.Count)).OrderDescending());

    [Fact]
    public void Speeds_weigh_the_loads()
    {
        SliceRange[][] ranges = RangeAssignment.Balance(64, [10, 10, 10, 1]);
        AssertCovers(64, ranges);
        Assert.InRange(ranges[3].Sum(range => range.Count), 1, 3);
        Assert.All(ranges[..3], own => Assert.InRange(own.Sum(range => range.Count), 18, 24));
    }

    [Fact]
    public void Random_speeds_keep_every_promise()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            int slices = 1 << random.Next(9);
            int[] speeds = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(1, 100))];
            SliceRange[][] ranges = RangeAssignment.Balance(slices, speeds);
            AssertCovers(slices, ranges);
            Assert.All(ranges, own => Assert.InRange(own.Length, 0, 2));
        }
    }

    [Fact]
    public void Nobody_could_be_faster_with_any_speeds()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            int slices = 1 << random.Next(7);
            int[] speeds = [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => random.Next(4) == 0 ? random.Next(0, 101) : random.Next(50, 101))];
            speeds[0] = 100;
            int[] loads = [.. RangeAssignment.Balance(slices, speeds).Select(own => own.Sum(range => range.Count))];
            (long found, long best) = (SlowestTime(loads, speeds), SmallestTime(slices, speeds));
            Assert.True(found == best, $"seed {seed}: [{string.Join(' ', loads)}] at speeds [{string.Join(' ', speeds)}] take {found}, possible are {best}");
        }
    }

    [Fact]
    public void Who_has_no_speed_gets_nothing()
    {
        Assert.Equal([4, 0, 4], RangeAssignment.Balance(8, [100, 0, 100]).Select(own => own.Sum(range => range.Count)));
        Assert.Throws<ArgumentOutOfRangeException>(() => RangeAssignment.Balance(8, [1, -1]));
        Assert.Throws<ArgumentException>(() => RangeAssignment.Balance(8, [0, 0]));
    }

    private static void AssertCovers(int slices, SliceRange[][] ranges)
    {
        int[] owners = new int[slices];
        foreach (SliceRange range in ranges.SelectMany(own => own))
        {
            Assert.True(range.IsNodeOf(slices), $"{range} is no node over {slices} slices");
            for (int slice = range.First; slice < range.End; slice++)
            {
                owners[slice]++;
            }
        }

        Assert.All(owners, count => Assert.Equal(1, count));
    }

    /// <summary>The simple twin: the smallest maximum m such that some loads of at most two bits, each at most m, add up to V (subset sums).</summary>
    private static int SmallestMaximum(int slices, int workers)
    {
        for (int max = 1; ; max++)
        {
            var reachable = new HashSet<int> { 0 };
            for (int worker = 0; worker < workers; worker++)
            {
                reachable = [.. reachable.SelectMany(sum => Enumerable.Range(0, max + 1)
                    .Where(load => BitOperations.PopCount((uint)load) <= 2 && sum + load <= slices)
                    .Select(load => sum + load))];
            }

            if (reachable.Contains(slices))
            {
                return max;
            }
        }
    }

    /// <summary>In units so small that times that differ stay different.</summary>
    private static long TimeOf(int load, int speed) => load == 0 ? 0 : speed == 0 ? long.MaxValue : load * 720_720_000L / speed;

    private static long SlowestTime(int[] loads, int[] speeds) => loads.Zip(speeds, TimeOf).Max();

    /// <summary>The simple twin for any speeds: every time at which somebody could be done, and subset sums of the loads done by then.</summary>
    private static long SmallestTime(int slices, int[] speeds)
    {
        foreach (long time in speeds.Where(speed => speed > 0).SelectMany(speed => Enumerable.Range(1, slices).Select(load => TimeOf(load, speed))).Distinct().Order())
        {
            HashSet<int> sums = [0];
            foreach (int speed in speeds)
            {
                sums = [.. sums.SelectMany(sum => Enumerable.Range(0, slices - sum + 1)
                    .Where(load => BitOperations.PopCount((uint)load) <= 2 && TimeOf(load, speed) <= time)
                    .Select(load => sum + load))];
            }

            if (sums.Contains(slices))
            {
                return time;
            }
        }

        throw new InvalidOperationException($"No loads for {slices} slices.");
    }
}
