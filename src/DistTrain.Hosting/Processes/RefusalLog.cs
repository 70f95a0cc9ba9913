namespace DistTrain.Hosting;

/// <summary>Tells people who was refused; strangers who come again and again can't fill a disk with it.</summary>
/// <param name="write">Gets the lines; null: nobody does.</param>
/// <param name="time">Null: the system's.</param>
internal sealed class RefusalLog(Action<string>? write, TimeProvider? time = null)
{
    /// <summary>Lines of one window: enough to find a mistake by.</summary>
    public const int LinesMax = 10;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly Lock gate = new();
    private long windowStart;
    private int lines;
    private long untold;

    /// <summary>A line like "refused 10.0.0.9:41234: node-0 wants a join token, and the other side has none".</summary>
    public void Add(string remote, LaneRefusal refusal)
    {
        long before = 0;
        lock (gate)
        {
            long now = time.GetTimestamp();
            if (lines == 0 || time.GetElapsedTime(windowStart, now) >= Window)
            {
                (windowStart, lines, before, untold) = (now, 0, untold, 0);
            }

            if (lines == LinesMax)
            {
                untold++;
                return;
            }

            lines++;
        }

        if (before > 0)
        {
            write?.Invoke($"{before} more were refused meanwhile");
        }

        write?.Invoke($"{(refusal.ByPeer ? "refused by" : "refused")} {remote}: {refusal.Text}");
    }
}
