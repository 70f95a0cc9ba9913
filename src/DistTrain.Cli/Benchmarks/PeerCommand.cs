using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using DistTrain.Tensors;

namespace DistTrain.Cli;

/// <summary>A benchmark of something else, as a program that prints JSON lines.</summary>
/// <param name="text">Program and arguments, cut at spaces.</param>
internal sealed class PeerCommand(string text)
{
    private const string Key = "samples_per_s";

    public string Text => text;

    /// <summary>Runs it to its end; returns samples/s of the last line that has them.</summary>
    /// <exception cref="UserError">It can't be started, or says nothing of the kind.</exception>
    public async Task<double> RunAsync(CancellationToken cancel)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            throw new UserError("--against: found nothing; allowed: a command");
        }

        try
        {
            using Process process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            string output = await process.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            return process.ExitCode == 0 && output.Split('\n').Select(Rate).LastOrDefault(rate => rate is not null) is { } found
                ? found
                : throw new UserError($"--against: {text} ended with exit code {process.ExitCode} and {(output.Length == 0 ? "printed nothing" : "printed no " + Key)}");
        }
        catch (Win32Exception e)
        {
            throw new UserError($"--against: {words[0]} can't be started: {e.Message}", e);
        }
    }

    private static double? Rate(string line)
    {
        try
        {
            return line.StartsWith('{') ? (double?)JsonNode.Parse(line)?[Key] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
