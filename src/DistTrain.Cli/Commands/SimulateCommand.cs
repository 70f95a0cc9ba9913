using System.CommandLine;
using System.Globalization;
using DistTrain.Simulation;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

internal static class SimulateCommand
{
    private const string Training = "training";
    private const string Counter = "counter";

    private static readonly string[] Applications = [Counter, Training];

    public static Command Create(Terminal terminal)
    {
        var command = new Command("simulate", "Proves the protocol: all machines on one thread in virtual time, with faults drawn from a seed.");
        var seed = new Option<string?>("--seed") { Description = "One run, with this seed.", HelpName = "N" };
        var seeds = new Option<string?>("--seeds") { Description = "Runs with the seeds from 0 to N - 1; 100 by default.", HelpName = "N" };
        var workers = new Option<string?>("--workers") { Description = "Workers at the start; drawn from the seed by default.", HelpName = "W" };
        var servers = new Option<string?>("--servers") { Description = "Servers at the start; drawn from the seed by default.", HelpName = "S" };
        var faults = new Option<string>("--faults") { Description = "Which faults may happen, as in loss,partitions; all by default.", HelpName = "LIST", DefaultValueFactory = _ => "all" };
        var application = new Option<string>("--application")
        {
            Description = "What runs: an exact count of every slice, or real training of a small network.",
            HelpName = "counter|training",
            DefaultValueFactory = _ => Counter,
        };
        var trace = new Option<bool>("--trace") { Description = "Every event as a line on standard error." };
        Option<bool> json = ModelOptions.Json();
        foreach (Option option in new Option[] { seed, seeds, workers, servers, faults, application, trace, json })
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            int? one = Whole.Number("--seed", parsed.GetValue(seed), 0, int.MaxValue);
            int? many = Whole.Number("--seeds", parsed.GetValue(seeds), 1, int.MaxValue);
            if (one is not null && many is not null)
            {
                throw new UserError("--seed and --seeds: found both; allowed: one of them");
            }

            string name = parsed.GetRequiredValue(application);
            if (!Applications.Contains(name))
            {
                throw new UserError($"--application: found \"{name}\"{JobNames.DidYouMean(name, Applications)} allowed: one of {string.Join(", ", Applications)}");
            }

            var series = new SimulationSeries(
                terminal,
                ApplicationOf(name),
                new SimulationCase(
                    (ulong)(one ?? 0),
                    Whole.Number("--workers", parsed.GetValue(workers), 1, 1000),
                    Whole.Number("--servers", parsed.GetValue(servers), 1, 1000),
                    GroupsOf(parsed.GetRequiredValue(faults))),
                one is null ? many ?? 100 : 1)
            {
                AsJson = parsed.GetValue(json),
                Traced = parsed.GetValue(trace),
                RepeatOptions = RepeatOptions(parsed.GetValue(workers), parsed.GetValue(servers), parsed.GetRequiredValue(faults), name),
            };
            return series.Run();
        });
        return command;
    }

    /// <summary>Groups of a list; "all" and "none" are lists too.</summary>
    internal static IReadOnlyCollection<FaultGroup> GroupsOf(string list)
    {
        string[] names = [.. Enum.GetNames<FaultGroup>().Select(name => name.ToLower(CultureInfo.InvariantCulture))];
        if (list is "all" or "none")
        {
            return list == "all" ? Enum.GetValues<FaultGroup>() : [];
        }

        var groups = new List<FaultGroup>();
        foreach (string name in list.Split(',', StringSplitOptions.TrimEntries))
        {
            int index = Array.IndexOf(names, name);
            groups.Add(index >= 0
                ? Enum.GetValues<FaultGroup>()[index]
                : throw new UserError($"--faults: found \"{name}\"{JobNames.DidYouMean(name, names)} allowed: all, none, or some of {string.Join(", ", names)}"));
        }

        return groups;
    }

    private static Func<ulong, ISimulatedApplication> ApplicationOf(string name)
    {
        if (name == Counter)
        {
            return CountingApplication.Of;
        }

        var training = new TrainingApplication(SmallTraining.Create());
        return _ => training;
    }

    private static string RepeatOptions(string? workers, string? servers, string faults, string application) =>
        (workers is null ? "" : $" --workers {workers}") + (servers is null ? "" : $" --servers {servers}")
        + (faults == "all" ? "" : $" --faults {faults}") + (application == Counter ? "" : $" --application {application}");
}
