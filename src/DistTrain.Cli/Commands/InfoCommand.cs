using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json.Nodes;
using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Cli;

internal static class InfoCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("info", "Versions, processor and folders: what a report of a defect should hold.");
        Option<bool> json = ModelOptions.Json();
        command.Add(json);
        command.SetAction(parsed =>
        {
            var facts = new JsonObject
            {
                ["version"] = CommandLine.Version,
                ["numerics"] = Numerics.Version,
                ["runtime"] = RuntimeInformation.FrameworkDescription,
                ["system"] = RuntimeInformation.RuntimeIdentifier,
                ["cores"] = Environment.ProcessorCount,
                ["vector_bits"] = FmaPeak.VectorBits,
                ["avx512"] = Avx512F.IsSupported,
                ["avx2"] = Avx2.IsSupported,
                ["fma"] = Fma.IsSupported,
                ["data"] = terminal.Environment.GetValueOrDefault(Terminal.DataVariable),
                ["cache"] = DataFolders.DefaultCache,
            };
            if (parsed.GetValue(json))
            {
                terminal.Output.WriteLine(JsonLine.Of(facts));
                return ExitCode.Done;
            }

            foreach ((string name, JsonNode? value) in facts)
            {
                terminal.Output.WriteLine($"{name,-12} {(value is null ? "-" : value.ToString())}");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
