using DistTrain.Hosting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DistTrain.Cli;

/// <summary>The members of a live run, below its progress bar: who computes which slices, how far everyone is, what crosses lanes, where a step's time goes.</summary>
internal static class MembersTable
{
    /// <param name="report">Of a run of several processes.</param>
    /// <param name="rowsMax">Rows that the screen has room for; who finds none is counted.</param>
    /// <param name="isNarrow">Leaves out what does not fit 80 columns.</param>
    public static IRenderable Of(RunReport report, int rowsMax, bool isNarrow = false)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        string[] columns = isNarrow
            ? ["machine", "process", "at", "slices", "wait", "compute", "push"]
            : ["machine", "process", "at", "slices", "sent/s", "received/s", "wait", "compute", "push", ""];
        foreach (string column in columns)
        {
            var header = new TableColumn(new Text(column, new Style(decoration: Decoration.Dim))) { NoWrap = true };
            table.AddColumn(column is "machine" or "process" or "slices" or "" ? header : header.RightAligned());
        }

        int rows = Math.Max(1, rowsMax - 1);
        var told = new HashSet<int?>();
        foreach (MachineReport machine in report.Machines.Take(rows))
        {
            NodeReport? node = report.Nodes.FirstOrDefault(each => each.Node == machine.Node);

            // Lanes are a process's; where it hosts two machines its bytes stand at the first.
            bool isFirst = told.Add(machine.Node);
            string[] ends = [StatusText.Milliseconds(machine.WaitMilliseconds), StatusText.Milliseconds(machine.ComputeMilliseconds), StatusText.Milliseconds(machine.PushMilliseconds)];
            string[] cells = isNarrow
                ? [machine.Machine, node?.Name ?? "-", Wording.Count(machine.At), StatusText.Slices(machine), .. ends]
                : [machine.Machine, node?.Name ?? "-", Wording.Count(machine.At), StatusText.Slices(machine),
                    isFirst ? StatusText.Bytes(node?.BytesSentPerSecond) : "", isFirst ? StatusText.Bytes(node?.BytesReceivedPerSecond) : "",
                    .. ends, StatusText.State(machine, node)];
            table.AddRow(cells.Select(cell => new Text(cell, machine.IsDoubtful ? new Style(Color.Yellow) : Style.Plain)));
        }

        return report.Machines.Count <= rows ? table : new Rows(table, new Text($"and {Wording.Number(report.Machines.Count - rows, "machine")} more: 'status' shows all"));
    }
}
