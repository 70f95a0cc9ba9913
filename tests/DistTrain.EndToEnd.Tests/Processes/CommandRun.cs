using System.Diagnostics;
using System.Text;

namespace DistTrain.EndToEnd.Tests;

/// <summary>The command line as a process whose lines can be waited for while it runs.</summary>
internal sealed class CommandRun : IDisposable
{
    /// <summary>Far beyond what is waited for; a watchdog, since nothing here may hang.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly StringBuilder text = new();
    private readonly Action<string>? onOutput;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="through">A command that starts another one, for example in another network; none: at once.</param>
    /// <param name="environment">Added to this process's.</param>
    /// <param name="arguments">As after the program's name.</param>
    /// <param name="onOutput">Gets the lines of standard output, one at a time.</param>
    /// <param name="folder">Where it runs; null: in the folder of temporary files.</param>
    public CommandRun(
        IReadOnlyList<string> through, IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments, Action<string>? onOutput = null, string? folder = null)
    {
        this.onOutput = onOutput;
        string[] all = [.. through, "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "disttrain.dll"), .. arguments];
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? Path.GetTempPath() };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Take(line.Data, isError: false);
        process.ErrorDataReceived += (_, line) => Take(line.Data, isError: true);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int ProcessId => process.Id;

    /// <summary>What was written to standard error so far.</summary>
    public string Text
    {
        get
        {
            lock (text)
            {
                return text.ToString();
            }
        }
    }

    /// <summary>Waits until a part of standard error is there; fails with all of it when the process ends or time is up before.</summary>
    public Task ToldAsync(string part) => UntilAsync(() => Text.Contains(part, StringComparison.Ordinal), $"'{part}'");

    /// <summary>Waits for a condition that a line of either stream brings about.</summary>
    public async Task UntilAsync(Func<bool> condition, string awaited, TimeSpan? patience = null)
    {
        using var deadline = new CancellationTokenSource(patience ?? Patience);
        while (true)
        {
            Task next = Volatile.Read(ref changed).Task;
            if (condition())
            {
                return;
            }

            try
            {
                if (process.HasExited)
                {
                    // Its last lines may still be on their way.
                    await process.WaitForExitAsync(deadline.Token);
                    Assert.True(condition(), $"the process {process.Id} ended before {awaited}:\n{Text}");
                    return;
                }

                await Task.WhenAny(next, process.WaitForExitAsync(deadline.Token)).WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"no {awaited} in time:\n{Text}");
            }
        }
    }

    public async Task<int> ExitAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the process {process.Id} does not end:\n{Text}");
        }

        return process.ExitCode;
    }

    /// <summary>Ends it from one instruction to the next.</summary>
    public void Kill() => process.Kill();

    public void Signal(string signal)
    {
        using Process kill = Process.Start("kill", [signal, $"{process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public void Dispose()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }

        process.Dispose();
    }

    private void Take(string? line, bool isError)
    {
        if (line is null)
        {
            return;
        }

        if (isError)
        {
            lock (text)
            {
                text.AppendLine(line);
            }
        }
        else
        {
            onOutput?.Invoke(line);
        }

        Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
