using System.Numerics;

namespace DistTrain.Protocol;

/// <summary>
/// Cuts V slices into dyadic ranges for the workers: at most two ranges each, the slowest worker as fast as possible.
/// Workers that no slice is left for are spares (empty).
/// </summary>
/// <remarks>
/// Idea: a load of at most two ranges is a number with at most two bits set; any powers of two that add up to V can be laid
/// side by side, largest first, and are aligned by themselves. So only loads have to be chosen: for the smallest time T that
/// allows it, each worker takes the largest such number of slices it computes within T, and the excess is taken from the
/// slowest. Gaps (7 is not a sum of two powers) cost a little balance, and never a third range.
/// </remarks>
public static class RangeAssignment
{
    /// <summary>Ranges of equally fast workers.</summary>
    public static SliceRange[][] Balance(int slices, int workers)
    {
        int[] speeds = new int[workers];
        Array.Fill(speeds, 1);
        return Balance(slices, speeds);
    }

    /// <summary>Ranges for each worker, in the order given.</summary>
    /// <param name="slices">V, a power of two.</param>
    /// <param name="speeds">Slices per unit of time of each worker; only ratios matter. 0 = gets none; somebody must have more.</param>
    public static SliceRange[][] Balance(int slices, ReadOnlySpan<int> speeds)
    {
        if (!SliceRange.Root(slices).IsNodeOf(slices))
        {
            throw new ArgumentException($"A batch is cut in a power of two of slices, not {slices}.", nameof(slices));
        }

        foreach (int speed in speeds)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(speed, nameof(speeds));
        }

        if (speeds.Length > 0 && speeds.IndexOfAnyExcept(0) < 0)
        {
            throw new ArgumentException("Somebody must have a speed above 0.", nameof(speeds));
        }

        return speeds.Length == 0 ? [] : LayOut(Loads(slices, speeds));
    }

    private static int[] Loads(int slices, ReadOnlySpan<int> speeds)
    {
        // Times at which some worker can take one more step: load / speed, compared as fractions (numerator, speed).
        var times = new SortedSet<(int Load, int Speed)>(Comparer<(int Load, int Speed)>.Create(
            (a, b) => ((long)a.Load * b.Speed).CompareTo((long)b.Load * a.Speed)));
        foreach (int speed in speeds.ToArray().Distinct().Where(speed => speed > 0))
        {
            for (int load = 1; load <= slices; load = NextLoad(load))
            {
                times.Add((load, speed));
            }
        }

        foreach ((int load, int speed) in times)
        {
            int[] loads = new int[speeds.Length];
            int excess = -slices;
            for (int i = 0; i < loads.Length; i++)
            {
                loads[i] = FloorLoad((int)Math.Min(slices, (long)load * speeds[i] / speed));
                excess += loads[i];
            }

            if (excess >= 0 && Shed(loads, speeds, excess))
            {
                return loads;
            }
        }

        throw new InvalidOperationException($"No loads found for {slices} slices and {speeds.Length} workers.");
    }

    /// <summary>Takes exactly <paramref name="excess"/> slices away, always from the worker that is busy longest and can give.</summary>
    private static bool Shed(int[] loads, ReadOnlySpan<int> speeds, int excess)
    {
        int[] speedOf = speeds.ToArray();
        while (excess > 0)
        {
            int slowest = -1;
            for (int i = 0; i < loads.Length; i++)
            {
                bool canGive = loads[i] > 0 && loads[i] - FloorLoad(loads[i] - 1) <= excess;
                if (canGive && (slowest < 0 || IsBusierOrBigger(i, slowest)))
                {
                    slowest = i;
                }
            }

            if (slowest < 0)
            {
                return false;
            }

            int less = FloorLoad(loads[slowest] - 1);
            excess -= loads[slowest] - less;
            loads[slowest] = less;
        }

        return true;

        // Of equally busy workers the one with more slices gives: for it, a slice is less time.
        bool IsBusierOrBigger(int left, int right)
        {
            int order = ((long)loads[left] * speedOf[right]).CompareTo((long)loads[right] * speedOf[left]);
            return order > 0 || (order == 0 && loads[left] >= loads[right]);
        }
    }

    private static SliceRange[][] LayOut(int[] loads)
    {
        var pieces = new List<(int Size, int Worker)>();
        for (int i = 0; i < loads.Length; i++)
        {
            for (int rest = loads[i]; rest > 0; rest &= rest - 1)
            {
                pieces.Add((rest & -rest, i));
            }
        }

        var ranges = new List<SliceRange>[loads.Length];
        for (int i = 0; i < ranges.Length; i++)
        {
            ranges[i] = [];
        }

        int first = 0;
        foreach ((int size, int worker) in pieces.OrderByDescending(piece => piece.Size).ThenBy(piece => piece.Worker))
        {
            ranges[worker].Add(new SliceRange(first, size));
            first += size;
        }

        return Array.ConvertAll(ranges, list => list.ToArray());
    }

    /// <summary>The largest number of at most two bits that is at most <paramref name="load"/>.</summary>
    private static int FloorLoad(int load)
    {
        if (load <= 0)
        {
            return 0;
        }

        int high = 1 << BitOperations.Log2((uint)load);
        int rest = load - high;
        return rest == 0 ? high : high + (1 << BitOperations.Log2((uint)rest));
    }

    /// <summary>The next larger number of at most two bits.</summary>
    private static int NextLoad(int load)
    {
        int next = load + 1;
        while (BitOperations.PopCount((uint)next) > 2)
        {
            next++;
        }

        return next;
    }
}
