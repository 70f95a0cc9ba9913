namespace DistTrain.Protocol;

/// <summary>
/// How long a worker computes for a sample: the median of its newest measurements, so that a pause (a collection, another process)
/// moves nothing and a real change shows after three of them.
/// </summary>
/// <remarks>
/// Rejected: a mean with forgetting. One step that took ten times as long moved it for as many steps as it takes to forget, and
/// ranges with it. A worker that is never measured, because its computations are always overtaken, is judged by being late.
/// </remarks>
internal sealed class WorkerPace
{
    private const int MeasurementsMax = 5;

    /// <summary>Fewer say nothing of a worker that was not late: the first steps of a run also allocate and compile.</summary>
    private const int MeasurementsMin = 3;

    /// <summary>A thousand times slower than others: it gets no ranges any more.</summary>
    private const int LatenessMax = 5;
    private readonly Queue<long> measurements = new();
    private WorkDone seen;
    private int lateness;
    private bool isAnew;

    /// <summary>Measured nanoseconds for a sample; null before the first measurement.</summary>
    public long? Nanoseconds { get; private set; }

    /// <summary>Whether anything is known of it.</summary>
    public bool IsKnown => Nanoseconds is not null || lateness > 0;

    /// <summary>What it is expected to take: measured, and four times as long for each time it was late since.</summary>
    /// <param name="typical">Of a worker that was never measured.</param>
    public double Expected(long typical) => (double)(Nanoseconds ?? typical) * (1L << (2 * lateness));

    /// <summary>A run epoch begins: workers count from zero. What is known of their speed stays.</summary>
    public void Begin() => seen = default;

    /// <summary>A report's totals; one that others have overtaken says nothing new.</summary>
    public void Take(WorkDone work)
    {
        long samples = work.Samples - seen.Samples;
        long busy = work.BusyMicroseconds - seen.BusyMicroseconds;
        if (samples <= 0 || busy < 0)
        {
            return;
        }

        seen = work;
        lateness = 0;
        measurements.Enqueue(Math.Min(busy, long.MaxValue / 1000) * 1000 / samples);
        if (measurements.Count > MeasurementsMax)
        {
            measurements.Dequeue();
        }

        if (isAnew || Nanoseconds is not null || measurements.Count >= MeasurementsMin)
        {
            Nanoseconds = Math.Max(1, Median([.. measurements])!.Value);
        }
    }

    /// <summary>
    /// It was late: it takes more than twice as long as was thought, nobody knows how much. Only what is measured from now on counts,
    /// so one measurement is enough to be believed again.
    /// </summary>
    public void WasLate()
    {
        lateness = Math.Min(lateness + 1, LatenessMax);
        Anew();
    }

    /// <summary>Only what is measured from now on counts, one measurement is enough; until then it stands as it was.</summary>
    public void Anew()
    {
        isAnew = true;
        measurements.Clear();
    }

    /// <summary>The middle one; of two, the larger. Null when there are none.</summary>
    public static long? Median(List<long> values)
    {
        values.Sort();
        return values.Count == 0 ? null : values[values.Count / 2];
    }
}
