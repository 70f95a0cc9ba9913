using System.Runtime.InteropServices;

namespace DistTrain.Cli;

/// <summary>
/// The wish to stop: the first SIGINT or SIGTERM lets the run end after a checkpoint, the second ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private int signals;

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => stop.Token;

    /// <summary>What the process ends with when it was interrupted.</summary>
    public int ExitCode { get; private set; } = Cli.ExitCode.Interrupted;

    /// <summary>Listens to this process's signals from now on.</summary>
    /// <param name="error">Gets a line that says what happens.</param>
    public static Interruption ToSignals(TextWriter error)
    {
        var interruption = new Interruption();
        foreach ((PosixSignal signal, int exitCode) in new[] { (PosixSignal.SIGINT, Cli.ExitCode.Interrupted), (PosixSignal.SIGTERM, Cli.ExitCode.Terminated) })
        {
            interruption.registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                interruption.Signal(exitCode, error);
            }));
        }

        return interruption;
    }

    /// <summary>What a signal does; tests call it.</summary>
    public void Signal(int exitCode, TextWriter error)
    {
        if (Interlocked.Increment(ref signals) > 1)
        {
            Environment.Exit(exitCode);
        }

        ExitCode = exitCode;
        error.WriteLine("stopping after the steps under way, with a checkpoint; once more quits at once");
        stop.Cancel();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
        {
            registration.Dispose();
        }

        stop.Dispose();
    }
}
