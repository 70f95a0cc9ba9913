namespace DistTrain.Hosting;

/// <summary>
/// The launcher's clock, as another process knows it: each round trip bounds the difference of the two clocks, as in NTP (RFC 5905, section
/// 8): offset = ((received there - sent) + (sent there - received)) / 2, wrong by half the round trip at most. Of the newest round trips
/// those that were quick count; once they span a while, a line through them follows the clocks' drift.
/// </summary>
/// <remarks>Belongs to one thread. Times are nanoseconds.</remarks>
internal sealed class ClockEstimate
{
    /// <summary>Round trips that count: half a minute at one a second.</summary>
    private const int SamplesMax = 32;

    /// <summary>A line through less would follow jitter.</summary>
    private const int LineSamplesMin = 6;

    private const long LineSpanMin = 4_000_000_000;

    private readonly Queue<Sample> samples = new();
    private double offset;
    private double slope;
    private long origin;

    /// <summary>Whether there was a round trip.</summary>
    public bool IsKnown => samples.Count > 0;

    /// <summary>How wrong it may be: half the quickest round trip.</summary>
    public long Uncertainty { get; private set; } = long.MaxValue;

    /// <param name="sent">This clock, when the question was sent.</param>
    /// <param name="receivedThere">The other clock, when it came.</param>
    /// <param name="sentThere">The other clock, when the answer was sent.</param>
    /// <param name="received">This clock, when it came.</param>
    public void Add(long sent, long receivedThere, long sentThere, long received)
    {
        long roundTrip = received - sent - (sentThere - receivedThere);
        if (received < sent || sentThere < receivedThere || roundTrip < 0)
        {
            return;
        }

        if (samples.Count == SamplesMax)
        {
            samples.Dequeue();
        }

        samples.Enqueue(new Sample(sent + ((received - sent) / 2), ((receivedThere - sent) + (sentThere - received)) / 2.0, roundTrip));
        Fit();
    }

    /// <summary>The other clock at a time of this one.</summary>
    public long ToOther(long here) => here + (long)Math.Round(offset + (slope * (here - origin)));

    private void Fit()
    {
        long quickest = samples.Min(sample => sample.RoundTrip);
        Uncertainty = quickest / 2;
        Sample[] quick = [.. samples.Where(sample => sample.RoundTrip <= quickest + (quickest / 2))];
        Sample best = quick.MinBy(sample => sample.RoundTrip)!;
        (origin, offset, slope) = (best.At, best.Offset, 0);
        if (quick.Length < LineSamplesMin || quick[^1].At - quick[0].At < LineSpanMin)
        {
            return;
        }

        double meanAt = quick.Average(sample => (double)(sample.At - origin));
        double meanOffset = quick.Average(sample => sample.Offset);
        double squares = quick.Sum(sample => Square(sample.At - origin - meanAt));
        slope = quick.Sum(sample => (sample.At - origin - meanAt) * (sample.Offset - meanOffset)) / squares;
        offset = meanOffset - (slope * meanAt);
    }

    private static double Square(double value) => value * value;

    private sealed record Sample(long At, double Offset, long RoundTrip);
}
