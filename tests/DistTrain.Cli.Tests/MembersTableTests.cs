using DistTrain.Hosting;
using Spectre.Console;

namespace DistTrain.Cli.Tests;

public class MembersTableTests
{
    [Fact]
    public void Each_machine_has_a_line_with_its_slices_its_bytes_and_where_its_step_went()
    {
        string[] lines = Render(20);
        Assert.Equal(4, lines.Length);
        Assert.Equal(["machine", "process", "at", "slices", "sent/s", "received/s", "wait", "compute", "push"], Words(lines[0]));
        Assert.Equal(["worker", "0", "worker", "0", "1,000", "0-3", "6", "1.5", "MB", "250.0", "kB", "0.50", "3.25", "0.10"], Words(lines[1]));
        Assert.Equal(["server", "0", "worker", "0", "999", "-", "-", "-", "-"], Words(lines[2]));
        Assert.Contains("suspected", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Who_finds_no_room_is_counted()
    {
        string[] lines = Render(3);
        Assert.Equal(4, lines.Length);
        Assert.Contains("1 machine more", lines[^1], StringComparison.Ordinal);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string[] Render(int rowsMax)
    {
        MachineReport worker = new()
        {
            Machine = "worker 0",
            Role = "worker",
            Node = 2,
            At = 1000,
            Ranges = [[0, 4], [6, 1]],
            IsDoubtful = false,
            WaitMilliseconds = 0.5,
            ComputeMilliseconds = 3.25,
            PushMilliseconds = 0.1,
        };
        var report = new RunReport
        {
            Phase = "running",
            RunEpoch = 1,
            Step = 999,
            TotalSteps = 5000,
            Samples = 1,
            Seconds = 1,
            Nodes =
            [
                new NodeReport { Node = 2, ProcessId = 77, Name = "worker 0", BytesSentPerSecond = 1.5e6, BytesReceivedPerSecond = 2.5e5 },
                new NodeReport { Node = 3, ProcessId = 78, Name = "worker 1" },
            ],
            Machines =
            [
                worker,
                worker with { Machine = "server 0", Role = "server", At = 999, Ranges = [], WaitMilliseconds = null, ComputeMilliseconds = null, PushMilliseconds = null },
                worker with { Machine = "worker 1", Node = 3, IsDoubtful = true },
            ],
        };
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 140;
        console.Write(MembersTable.Of(report, rowsMax));
        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
