using System.CommandLine;
using System.Reflection;
using DistTrain.Hosting;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>The way from arguments to an exit code; the only place where exceptions become lines for people.</summary>
internal static class CommandLine
{
    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static async Task<int> InvokeAsync(IReadOnlyList<string> arguments, Terminal terminal)
    {
        ParseResult parsed = Parse(arguments, terminal);
        if (parsed.Action is not System.CommandLine.Help.HelpAction && ParseErrors.FirstOf(parsed) is { } mistake)
        {
            await terminal.Error.WriteLineAsync(mistake).ConfigureAwait(false);
            if (arguments.Count == 0)
            {
                await Parse(["--help"], terminal).InvokeAsync(new InvocationConfiguration { Output = terminal.Error }).ConfigureAwait(false);
            }

            return ExitCode.BadInput;
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return Report(exception, terminal.Error);
        }
    }

    /// <summary>What the arguments ask for; nothing is done yet.</summary>
    public static ParseResult Parse(IReadOnlyList<string> arguments, Terminal terminal) =>
        CreateRoot(terminal).Parse(arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });

    private static RootCommand CreateRoot(Terminal terminal)
    {
        var root = new RootCommand("Trains neural networks, data-parallel, to the same bits on any number of workers and servers.")
        {
            TrainCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            PredictCommand.Create(terminal),
            InspectCommand.Create(terminal),
            SummaryCommand.Create(terminal),
            DataCommands.Create(terminal),
            BenchCommands.Create(terminal),
            SimulateCommand.Create(terminal),
            CertsCommand.Create(terminal),
            InfoCommand.Create(terminal),
            SubmitCommand.Create(terminal),
            LiveCommands.Status(terminal),
            LiveCommands.Stop(terminal),
            JoinCommand.Create(terminal),
            NodeCommands.Create(terminal),
        };
        root.HelpName = "disttrain";
        return root;
    }

    private static int Report(Exception exception, TextWriter error)
    {
        switch (exception)
        {
            case UserError or IOException or UnauthorizedAccessException:
                error.WriteLine(exception.Message.ReplaceLineEndings(" "));
                return ExitCode.BadInput;
            case EngineFailedException:
                error.WriteLine(exception.Message);
                return ExitCode.Connection;
            case TrainingFailedException:
                error.WriteLine(exception.Message);
                return ExitCode.TrainingFailed;
            default:
                error.WriteLine(exception);
                error.WriteLine($"This is a defect of disttrain {Version}. Please report it with the lines above and what 'disttrain info' prints.");
                return ExitCode.Defect;
        }
    }
}
