using System.Diagnostics;
using System.Text;

namespace DistTrain.Repository.Tests;

/// <summary>A command that has ended, with all that it wrote.</summary>
internal sealed record FinishedCommand(int ExitCode, string Output)
{
    /// <exception cref="TimeoutException">It took longer; it was killed, and all that it started.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static FinishedCommand Run(ProcessStartInfo start, TimeSpan durationMax)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        StringBuilder output = new();
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(durationMax))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} took longer than {durationMax}:\n{Text()}");
        }

        process.WaitForExit(); // the readers too
        return new FinishedCommand(process.ExitCode, Text());

        void Append(string? line)
        {
            lock (output)
            {
                output.AppendLine(line);
            }
        }

        string Text()
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }
}
