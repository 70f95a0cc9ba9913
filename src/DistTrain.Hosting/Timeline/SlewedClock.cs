namespace DistTrain.Hosting;

/// <summary>
/// Another clock without jumps: a new estimate is approached within a second, and what an earlier time was taken for stays. So spans that lie
/// in each other still do after they were translated, whenever that was.
/// </summary>
/// <remarks>Belongs to one thread. Times are nanoseconds.</remarks>
internal sealed class SlewedClock
{
    private const long Slew = 1_000_000_000;

    /// <summary>Four minutes of one estimate a second: no span of interest is longer.</summary>
    private const int KnotsMax = 512;

    private readonly List<(long At, double Offset)> knots = [];

    public bool IsSet => knots.Count > 0;

    /// <summary>A new estimate; the first one is taken at once.</summary>
    /// <param name="now">This clock; never earlier than before.</param>
    /// <param name="estimate">The other clock at times of this one.</param>
    public void Follow(long now, Func<long, long> estimate)
    {
        if (!IsSet)
        {
            knots.Add((now, estimate(now) - now));
            return;
        }

        double offset = OffsetAt(now);
        knots.RemoveAll(knot => knot.At >= now);
        knots.Add((now, offset));
        knots.Add((now + Slew, estimate(now + Slew) - (now + Slew)));
        knots.RemoveRange(0, Math.Max(0, knots.Count - KnotsMax));
    }

    /// <summary>The other clock at a time of this one; grows with it.</summary>
    public long ToOther(long here) => here + (long)Math.Round(OffsetAt(here));

    private double OffsetAt(long here)
    {
        for (int i = knots.Count - 1; i >= 0; i--)
        {
            if (knots[i].At <= here)
            {
                if (i == knots.Count - 1)
                {
                    return knots[i].Offset;
                }

                double share = (double)(here - knots[i].At) / (knots[i + 1].At - knots[i].At);
                return knots[i].Offset + (share * (knots[i + 1].Offset - knots[i].Offset));
            }
        }

        return knots[0].Offset;
    }
}
