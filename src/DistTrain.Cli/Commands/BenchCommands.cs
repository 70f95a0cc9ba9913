using System.CommandLine;

namespace DistTrain.Cli;

internal static class BenchCommands
{
    public static Command Create(Terminal terminal) => new("bench", "Measures this machine: training steps, matrix products, lanes between processes, and what checkpoints and lost machines cost.")
    {
        StepBenchCommand.Create(terminal),
        Gemm(terminal),
        LaneBenchCommand.Create(terminal),
        RecoveryBenchCommands.Checkpoint(terminal),
        RecoveryBenchCommands.Churn(terminal),
    };

    private static Command Gemm(Terminal terminal)
    {
        var command = new Command("gemm", "Matrix products against the processor's own peak, which is measured in between.");
        var only = new Option<string?>("--shape") { Description = "One shape in place of the table.", HelpName = "MxNxK" };
        Option<string> alternations = Text("--alternations", "9", "N", "Times that peak and product are measured in turn.");
        Option<bool> json = ModelOptions.Json();
        command.Add(only);
        command.Add(alternations);
        command.Add(json);
        command.SetAction(parsed =>
        {
            int turns = Whole.Number("--alternations", parsed.GetValue(alternations), 1, 1000)!.Value;
            bool asJson = parsed.GetValue(json);
            foreach (GemmShape shape in parsed.GetValue(only) is { } text ? GemmShape.Parse("--shape", text) : GemmShape.Table)
            {
                GemmMeasurement measured = GemmBench.Run(shape, turns);
                terminal.Output.WriteLine(asJson ? JsonLine.Of(measured.ToJson()) : measured.ToString());
                terminal.Output.Flush();
            }

            return ExitCode.Done;
        });
        return command;
    }

    internal static Option<string> Text(string name, string fallback, string value, string description) =>
        new(name) { Description = description, HelpName = value, DefaultValueFactory = _ => fallback };
}
