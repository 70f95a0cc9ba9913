using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>
/// Which epochs get a line: all where there are few; else about twenty of them, at round numbers, the first and the last, and one that is over
/// after ten seconds without. The history of the run and --json have all.
/// </summary>
/// <param name="time">Tells how long no line came.</param>
internal sealed class EpochLines(TimeProvider time)
{
    private const int LinesMax = 20;
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(10);

    private long lineAt = time.GetTimestamp();
    private bool hasBegun;

    /// <summary>The last epoch, if it got no line: the run ended with it, which nobody knew when it came.</summary>
    public EpochCompleted? Held { get; private set; }

    /// <summary>1, 2, 5, 10, 20, 50 ...: the smallest that gives at most <see cref="LinesMax"/> lines.</summary>
    public static int Stride(int epochs)
    {
        for (int ten = 1; ; ten *= 10)
        {
            foreach (int stride in new[] { ten, 2 * ten, 5 * ten })
            {
                if (epochs / stride <= LinesMax)
                {
                    return stride;
                }
            }
        }
    }

    public bool Shows(EpochCompleted epoch, RunStarted started)
    {
        bool shows = !hasBegun || epoch.Epoch % Stride(started.Epochs) == 0 || epoch.Step >= started.TotalSteps || time.GetElapsedTime(lineAt) >= SilenceMax;
        hasBegun = true;
        Held = shows ? null : epoch;
        if (shows)
        {
            lineAt = time.GetTimestamp();
        }

        return shows;
    }
}
