using System.CommandLine;
using DistTrain.Hosting;

namespace DistTrain.Cli;

/// <summary>The processes of a run: this program again, under a command that people don't call.</summary>
internal static class NodeCommands
{
    private const string Name = "node";

    public static Command Create(Terminal terminal)
    {
        var command = new Command(Name, "One process of a run; started by train.") { Hidden = true };
        command.SetAction((_, _) => NodeProgram.RunAsync(terminal.Lifeline(), terminal.Error));
        return command;
    }

    public static ProcessesOptions Options(Terminal terminal) => new()
    {
        Command = Self(),
        DataRoot = terminal.Environment.GetValueOrDefault(Terminal.DataVariable),
        BindsCores = terminal.Environment.GetValueOrDefault(Terminal.CoresVariable) != "all",
        Log = TextWriter.Synchronized(terminal.Error),
    };

    /// <summary>This program, which may have been started by its own name or by dotnet, and may be part of another program.</summary>
    private static NodeCommand Self()
    {
        string library = Path.ChangeExtension(Path.Combine(AppContext.BaseDirectory, typeof(NodeCommands).Assembly.GetName().Name!), ".dll");
        string host = Path.ChangeExtension(library, OperatingSystem.IsWindows() ? ".exe" : null).TrimEnd('.');
        return File.Exists(host) && Environment.ProcessPath == host
            ? new NodeCommand(host, [Name])
            : new NodeCommand("dotnet", ["exec", library, Name]);
    }
}
