using System.CommandLine;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

internal static class SummaryCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("summary", "Layers, shapes and parameters of a job's network, or of a run's or model's.");
        var job = new JobOptions(command);
        command.SetAction(parsed =>
        {
            string? path = job.File(parsed);
            terminal.Output.Write(path is not null && Directory.Exists(path) ? OfFolder(path, terminal) : OfJob(job.Load(parsed, terminal), terminal));
            return ExitCode.Done;
        });
        return command;
    }

    private static string OfFolder(string path, Terminal terminal) => File.Exists(Path.Combine(path, "model.json"))
        ? Model.Load(path).Summary()
        : File.Exists(Path.Combine(path, "job.yaml"))
            ? OfJob(RunFolder.Open(path).Job, terminal)
            : throw new UserError($"{path}: has no model.json and no job.yaml; allowed: a job file, a run folder, or a folder with model.json");

    private static string OfJob(Job job, Terminal terminal) =>
        new Model(TrainingTask.Open(job, DataArgument.Folders(terminal)).Graph).Summary();
}
