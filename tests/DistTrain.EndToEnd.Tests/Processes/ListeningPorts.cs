using System.Globalization;
using DistTrain.Hosting;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Where a process listens, as the kernel knows it.</summary>
internal static class ListeningPorts
{
    /// <summary>TCP ports at IPv4 loopback, and Unix sockets with a path below <paramref name="folder"/>, that the process listens at.</summary>
    public static IReadOnlyList<LaneAddress> Of(int process, string folder)
    {
        HashSet<string> own = [.. Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Select(LinkOf).Where(link => link.StartsWith("socket:[", StringComparison.Ordinal)).Select(link => link[8..^1])];
        return
        [
            .. Rows($"/proc/{process}/net/tcp")
                .Where(row => row[3] == "0A" && own.Contains(row[9]))
                .Select(row => LaneAddress.Tcp("127.0.0.1", int.Parse(row[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))),
            .. Rows($"/proc/{process}/net/unix")
                .Where(row => row.Length > 7 && own.Contains(row[6]) && row[5] == "01" && row[7].StartsWith(folder, StringComparison.Ordinal) && row[3] == "00010000" && !row[7].Contains("dotnet-diagnostic", StringComparison.Ordinal))
                .Select(row => LaneAddress.Unix(row[7])),
        ];
    }

    private static IEnumerable<string[]> Rows(string table) =>
        File.ReadAllLines(table).Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string LinkOf(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget ?? "";
        }
        catch (IOException)
        {
            // Closed meanwhile.
            return "";
        }
    }
}
