using System.CommandLine;
using DistTrain.Hosting;
using DistTrain.Tensors;

namespace DistTrain.Cli;

internal static class LaneBenchCommand
{
    private const int Kibibyte = 1024;
    private static readonly int[] Sizes = [64 * Kibibyte, 256 * Kibibyte, 1024 * Kibibyte, 4096 * Kibibyte];

    public static Command Create(Terminal terminal)
    {
        var command = new Command("lanes", "Lanes between two nodes against a plain copy over a socket of the same kind, in turn.");
        var transport = new Option<string?>("--transport") { Description = "One way in place of all; memory is what processes of one host share.", HelpName = "tcp|unix|memory" };
        var size = new Option<string?>("--kib") { Description = "One size of frames in place of the table.", HelpName = "N" };
        var tls = new Option<string?>("--tls") { Description = "With or without TLS in place of both.", HelpName = "on|off" };
        var turns = new Option<string>("--turns") { Description = "Times that lane and socket are measured in turn.", HelpName = "N", DefaultValueFactory = _ => "9" };
        Option<bool> json = ModelOptions.Json();
        foreach (Option option in new Option[] { transport, size, tls, turns, json })
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            int count = Whole.Number("--turns", parsed.GetValue(turns), 1, 1000)!.Value;
            bool asJson = parsed.GetValue(json);
            int[] sizes = Whole.Number("--kib", parsed.GetValue(size), 4, 65536) is { } one ? [one * Kibibyte] : Sizes;
            string? encryption = parsed.GetValue(tls);
            foreach (LaneTransport kind in Kinds(parsed.GetValue(transport)))
            {
                bool[] encryptions = kind == LaneTransport.Memory && encryption is null ? [false] : Encryptions(encryption);
                foreach ((bool encrypted, int bytes) in encryptions.SelectMany(on => sizes.Select(one => (on, one))))
                {
                    MustBePossible(kind, encrypted);
                    var measured = new LaneLine($"{kind}".ToLowerInvariant(), encrypted, LaneBench.Run(kind, encrypted, bytes, count));
                    terminal.Output.WriteLine(asJson ? JsonLine.Of(measured.ToJson()) : measured.ToString());
                    terminal.Output.Flush();
                }
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static LaneTransport[] Kinds(string? transport) => transport switch
    {
        null => [LaneTransport.Tcp, LaneTransport.Unix, .. LaneBench.CanShareMemory ? [LaneTransport.Memory] : Array.Empty<LaneTransport>()],
        "tcp" => [LaneTransport.Tcp],
        "unix" => [LaneTransport.Unix],
        "memory" => [LaneTransport.Memory],
        _ => throw new UserError($"--transport: found \"{transport}\"; allowed: tcp, unix or memory"),
    };

    private static void MustBePossible(LaneTransport transport, bool encrypted)
    {
        if (transport == LaneTransport.Memory && (encrypted || !LaneBench.CanShareMemory))
        {
            throw new UserError(encrypted ? "--tls: found \"on\"; memory is shared without TLS alone" : "--transport: found \"memory\"; processes share it on Linux alone");
        }
    }

    private static bool[] Encryptions(string? tls) => tls switch
    {
        null => [false, true],
        "on" or "off" => [tls == "on"],
        _ => throw new UserError($"--tls: found \"{tls}\"; allowed: on or off"),
    };
}
