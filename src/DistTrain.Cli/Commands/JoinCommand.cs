using System.CommandLine;
using System.Globalization;
using DistTrain.Hosting;
using DistTrain.Tensors;

namespace DistTrain.Cli;

internal static class JoinCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("join", """
            Adds a worker to a live run that listens (train --engine processes --listen HOST:PORT), from this or another host, until the run ends.
            Data that are not on this host come from the run, and are kept for the next one. The weights stay the same bits.
            """);
        var address = new Argument<string>("host:port") { Description = "Where the run listens." };
        var threads = new Option<string?>("--threads") { Description = "Threads of the worker; without it, this host's cores.", HelpName = "N" };
        var server = new Option<bool>("--server") { Description = "Hosts a parameter server too." };
        command.Add(address);
        command.Add(threads);
        command.Add(server);
        var fetch = new Option<bool>("--fetch-data") { Description = "Takes the data from the run even if they are on this host." };
        var cache = new Option<string?>("--cache") { Description = "Where data that come from the run are kept.", HelpName = "FOLDER" };
        command.Add(fetch);
        command.Add(cache);
        var security = new SecurityOptions(command);
        command.SetAction((parsed, _) => JoinProgram.RunAsync(
            LaneAddress.Parse("join", parsed.GetRequiredValue(address)),
            security.Load(parsed, terminal),
            Threads(parsed.GetValue(threads)),
            parsed.GetValue(server),
            terminal.Environment.GetValueOrDefault(Terminal.DataVariable),
            parsed.GetValue(fetch),
            parsed.GetValue(cache),
            terminal.Error));
        return command;
    }

    private static int Threads(string? text)
    {
        const int Max = 1024;
        return text is null ? Environment.ProcessorCount
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int threads) && threads is >= 1 and <= Max ? threads
            : throw new UserError($"--threads: found \"{text}\"; allowed: 1 to {Max}");
    }
}
