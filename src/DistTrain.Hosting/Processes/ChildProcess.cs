using System.Diagnostics;

namespace DistTrain.Hosting;

/// <summary>A process of a run. It ends when this one does: its standard input is a lifeline.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process process;
    private readonly string name;
    private readonly TextWriter log;

    /// <param name="options">What to start, and where its lines go.</param>
    /// <param name="boot">The first line on its lifeline.</param>
    /// <param name="name">In front of every line it writes.</param>
    /// <param name="isUrgent">Others wait for it: what it runs is compiled quickly first, and well while it runs.</param>
    /// <param name="cores">Its cores; null: all.</param>
    /// <exception cref="EngineFailedException">It can't be started.</exception>
    public ChildProcess(ProcessesOptions options, NodeBoot boot, string name, bool isUrgent, IReadOnlyList<int>? cores)
    {
        NodeCommand command = options.Command;
        this.name = name;
        log = options.Log;
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach ((string variable, string value) in options.Environment)
        {
            start.Environment[variable] = value;
        }

        // Threads of the pool wait for work by yielding again and again, on the cores that compute.
        start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        if (isUrgent)
        {
            // A coordinator's successor is there 0.4 s of processor time sooner; compiling again then takes some 8 % of a core for ten seconds.
            start.Environment["DOTNET_TieredCompilation"] = "1";
            start.Environment["DOTNET_TieredPGO"] = "0";
        }

        try
        {
            process = Cores.Start(start, cores) ?? throw new EngineFailedException($"{command.Program}: did not start");
            Id = process.Id;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            throw new EngineFailedException($"{command.Program}: a process of the run can't be started: {e.Message}", e);
        }

        process.OutputDataReceived += (_, line) => Forward(line.Data);
        process.ErrorDataReceived += (_, line) => Forward(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Boot(boot);
        Exited = WaitAsync();
    }

    public int Id { get; }

    /// <summary>Completes when the process has ended, with its exit code; 128 + signal when it was killed.</summary>
    public Task<int> Exited { get; }

    /// <summary>Asks it to end: closes the lifeline, as the end of this process would.</summary>
    /// <param name="runGoesOn">It must not clear the run's files away: a word before tells it so.</param>
    public void End(bool runGoesOn)
    {
        try
        {
            if (runGoesOn)
            {
                process.StandardInput.Write(NodeProgram.Farewell);
            }

            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It is gone already.
        }
    }

    public void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended.
        }
    }

    public void Dispose() => process.Dispose();

    private async Task<int> WaitAsync()
    {
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode;
    }

    private void Boot(NodeBoot boot)
    {
        try
        {
            process.StandardInput.Write(boot.ToLine() + "\n");
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended at once; its exit tells.
        }
    }

    private void Forward(string? line)
    {
        if (line is not null)
        {
            lock (log)
            {
                log.WriteLine($"[{name}] {line}");
            }
        }
    }
}
