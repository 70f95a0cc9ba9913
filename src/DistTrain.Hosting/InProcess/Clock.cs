namespace DistTrain.Hosting;

/// <summary>
/// Ticks of a host's machines, on a thread of their own: one wake-up a tick. .NET's timers and their pool threads took five to six
/// (measured), twenty times a second in every process, from cores that compute.
/// </summary>
/// <remarks>A tick that takes longer than the time between two of them delays the next one; none are made up for.</remarks>
internal sealed class Clock : IDisposable
{
    private readonly object gate = new();
    private readonly Action onTick;
    private bool stopped;

    /// <param name="onTick">Called at each tick, one call at a time; may still be running when the clock was stopped.</param>
    public Clock(Action onTick)
    {
        this.onTick = onTick;
        new Thread(Run) { IsBackground = true, Name = "clock" }.Start();
    }

    /// <summary>No tick begins after this.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopped = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Run()
    {
        while (!IsStoppedAfter(HostClock.Tick))
        {
            onTick();
        }
    }

    private bool IsStoppedAfter(TimeSpan time)
    {
        lock (gate)
        {
            return stopped || (Monitor.Wait(gate, time) && stopped);
        }
    }
}
