using System.Globalization;
using DistTrain.Data;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>The events of a run in words; shared by the plain lines and the progress bar.</summary>
internal static class TrainingText
{
    /// <summary>Null for events that get no line of their own.</summary>
    public static string? Line(TrainingEvent happened, RunStarted? started) => happened switch
    {
        RunStarted start => Start(start),
        EpochCompleted epoch => Epoch(epoch, started!),
        _ => null,
    };

    public static string Epoch(int epoch, RunStarted started) => $"epoch {epoch}/{started.Epochs}";

    public static string Progress(StepProgress step) =>
        $"{Wording.Of(step.Train)}  {Wording.Count(step.SamplesPerSecond)} samples/s  {Wording.Clock(step.RemainingSeconds)} left";

    /// <summary>What came out and what to do next, after the last event.</summary>
    public static IEnumerable<string> Ending(RunDone done, RunStarted started, Terminal terminal)
    {
        if (done.Test is { } test)
        {
            yield return $"test         {Wording.Of(test)}{Wording.More(test)} ({Wording.Count(test.Samples)} samples)";
        }

        yield return $"speed        {Wording.Count(done.SamplesPerSecond)} samples/s, {Wording.Seconds(done.Seconds)}";
        yield return $"weights      sha256 {done.WeightsSha256}";
        yield return "             (the same with any --workers, --servers and --threads)";
        if (done.Run is not { } run)
        {
            yield break;
        }

        string folder = Path(run);
        yield return $"run folder   {folder}";
        yield return "";
        yield return "next:";
        if (started.Model == "gan")
        {
            yield return $"  {terminal.CommandName} predict {folder} --generate 10";
        }
        else
        {
            yield return $"  {terminal.CommandName} evaluate {folder}";
            yield return $"  {terminal.CommandName} predict {folder} --limit 10";
        }

        yield return $"  {terminal.CommandName} train --resume {folder} --epochs {2 * started.Epochs}";
        yield return $"  {terminal.CommandName} train --data {(started.Data == DigitsSet.Name ? "mnist" : DigitsSet.Name)} --workers 2";
    }

    /// <summary>As an argument for a shell, relative where that is shorter.</summary>
    public static string Path(string run)
    {
        string current = Directory.GetCurrentDirectory() + System.IO.Path.DirectorySeparatorChar;
        return Quoted(run.StartsWith(current, StringComparison.Ordinal) ? run[current.Length..] : run);
    }

    private static string Quoted(string path) => path.Any(c => !char.IsAsciiLetterOrDigit(c) && !"/\\._-:+".Contains(c, StringComparison.Ordinal)) ? $"\"{path}\"" : path;

    private static string Start(RunStarted start)
    {
        string resumed = start.Step > 0 ? $", going on from step {Wording.Count(start.Step)}" : "";
        return $"{start.Model} on {start.Data}: {Wording.Count(start.TrainSamples)} training samples, {Wording.Count(start.Parameters)} parameters\n"
            + $"batch {start.Batch} in {Wording.Number(start.Slices, "slice")}; "
            + $"{Wording.Number(start.Workers, "worker")} of {Wording.Number(start.Threads, "thread")}, {Wording.Number(start.Servers, "server")}{resumed}";
    }

    private static string Epoch(EpochCompleted epoch, RunStarted started)
    {
        string more = epoch.Validation is { } result
            ? $"validation {Wording.Loss(result.Loss)}, {Wording.Loss(result.Metric)}{Wording.More(result)}"
            : $"{Wording.Count(epoch.SamplesPerSecond)} samples/s";
        string rate = epoch.LearningRate is { } value ? string.Create(CultureInfo.InvariantCulture, $"  rate {value:G3}") : "";
        return $"{Epoch(epoch.Epoch, started)}  {Wording.Of(epoch.Train)}  {more}{rate}  {Wording.Seconds(epoch.Seconds)}";
    }
}
