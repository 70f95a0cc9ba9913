namespace DistTrain.Hosting.Tests;

/// <summary>Timestamps that stand until a test lets time pass; timers are real.</summary>
internal sealed class ManualTime : TimeProvider
{
    // Not zero, which some take for never.
    private long ticks = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    public void Pass(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);
}
