using System.CommandLine;

namespace DistTrain.Cli;

internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("inspect", "What a run, checkpoint or model holds: steps, hashes, every parameter; damaged files are found.");
        var path = new Argument<string>("PATH") { Description = "A run folder, a checkpoint, a model, or a .safetensors file." };
        Option<bool> json = ModelOptions.Json();
        command.Add(path);
        command.Add(json);
        command.SetAction(parsed => new Inspection(terminal, parsed.GetValue(json)).Inspect(parsed.GetRequiredValue(path)));
        return command;
    }
}
