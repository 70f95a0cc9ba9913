using System.CommandLine;
using DistTrain.Data;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>
/// The job as commands take it: a file, and options that stand for its keys. Values stay text: the job's own rules check them, so
/// that --batch 0 and batch: 0 are refused by the same words.
/// </summary>
internal sealed class JobOptions
{
    private readonly Argument<string?> file = new("job.yaml")
    {
        Description = "The job (docs/job.md); without it, the built-in digits.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly List<(Option<string?> Option, string Key)> flags = [];
    private readonly Option<string?> data = new("--data") { Description = "A known set (see 'disttrain data list'), or a file or folder.", HelpName = "NAME|PATH" };
    private readonly Option<string[]> settings = new("--set") { Description = "Any key of the job, such as train.l2=0.0001; may be repeated.", HelpName = "KEY=VALUE", AllowMultipleArgumentsPerToken = false };

    /// <param name="command">Gets the argument and the options.</param>
    public JobOptions(Command command)
    {
        command.Add(file);
        Flag(command, "--preset", "model.preset", "mlp|cnn", "A network of the house.");
        command.Add(data);
        Flag(command, "--epochs", "train.epochs", "N", "Walks over the training samples.");
        Flag(command, "--batch", "train.batch", "N", "Samples a step, over all workers together.");
        Flag(command, "--slices", "train.slices", "N", "Slices of a batch, a power of two: the most workers that can share a step.");
        Flag(command, "--seed", "train.seed", "N", "Decides initial weights, order of samples, dropout and splits.");
        Flag(command, "--engine", "run.engine", "local|processes", "One process for everything, or several; never changes the weights.");
        Flag(command, "--workers", "run.workers", "N", "Workers; never changes the weights.");
        Flag(command, "--servers", "run.servers", "N", "Parameter servers; never changes the weights.");
        Flag(command, "--threads", "run.threads", "N", "Threads of each worker; never changes the weights.");
        Flag(command, "--out", "run.out", "FOLDER", "The run folder; without it, a new one in runs/.");
        command.Add(settings);
    }

    public string? File(ParseResult parsed) => parsed.GetValue(file);

    /// <summary>True when the option stands on the command line.</summary>
    public bool Has(ParseResult parsed, string flag) => flags.Any(each => each.Option.Name == flag && parsed.GetValue(each.Option) is not null);

    public Job Load(ParseResult parsed, Terminal terminal) => JobFile.Load(parsed.GetValue(file), Overlays(parsed, terminal));

    /// <summary>Environment, --set and flags.</summary>
    public JobOverlays Overlays(ParseResult parsed, Terminal terminal)
    {
        JobOverlays overlays = new JobOverlays().AddEnvironment(terminal.Environment);
        foreach (string setting in parsed.GetValue(settings) ?? [])
        {
            overlays.AddSet(setting);
        }

        foreach ((Option<string?> option, string key) in flags)
        {
            if (parsed.GetValue(option) is { } value)
            {
                overlays.AddFlag(option.Name, key, value);
            }
        }

        if (parsed.GetValue(data) is { } where)
        {
            overlays.AddFlag(data.Name, DataArgument.IsPath(where) ? "data.path" : "data.set", where);
        }

        return overlays;
    }

    private void Flag(Command command, string name, string key, string value, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = value };
        flags.Add((option, key));
        command.Add(option);
    }
}
