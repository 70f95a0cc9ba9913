namespace DistTrain.Data.Tests;

/// <summary>Time stands still, so that a slow machine changes nothing, until somebody says that the timer that was made last is due.</summary>
internal sealed class StoppedTime : TimeProvider
{
    private volatile Alarm? last;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm { Callback = () => callback(state), Due = dueTime };
        last = alarm;
        return new StoppedTimer(alarm);
    }

    /// <summary>Calls back the timer that was made last.</summary>
    /// <returns>What it waited for.</returns>
    public TimeSpan Elapse()
    {
        Alarm due = last ?? throw new InvalidOperationException("Nobody waits.");
        due.Callback();
        return due.Due;
    }

    private sealed class Alarm
    {
        public required Action Callback { get; init; }

        public required TimeSpan Due { get; set; }
    }

    private sealed class StoppedTimer(Alarm alarm) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            alarm.Due = dueTime;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
