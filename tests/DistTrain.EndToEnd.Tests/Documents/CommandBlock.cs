using System.Text.RegularExpressions;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Commands that a document shows and asks to be tested, with the output that it shows behind them.</summary>
/// <remarks>
/// <c>```bash test</c> starts a block of commands; <c>```bash test mnist text</c> one that needs these folders of real data. They run in
/// order, in one folder, where <c>examples/</c> lies as in the repository. <c>dotnet run ... --project X -- a b</c> and
/// <c>disttrain a b</c> both mean the command line that was built with these tests; <c>dotnet run examples/a/Program.cs</c> is itself. A block without a language right behind is the
/// output: its lines must come in this order, with anything where it says <c>...</c>.
/// </remarks>
/// <param name="Place">File and line of the block's first command.</param>
/// <param name="Needs">Folders of $DISTTRAIN_DATA.</param>
/// <param name="Commands">Without their comments.</param>
/// <param name="Shown">Lines of the output; empty where the document shows none.</param>
internal sealed partial record CommandBlock(string Place, string[] Needs, string[] Commands, string[] Shown)
{
    /// <summary>All marked blocks of a document.</summary>
    public static IEnumerable<CommandBlock> Read(string path, string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                continue;
            }

            int end = Array.FindIndex(lines, i + 1, line => line.StartsWith("```", StringComparison.Ordinal));
            Match opening = Opening().Match(lines[i]);
            if (opening.Success)
            {
                yield return new CommandBlock(
                    $"{path}:{i + 2}",
                    opening.Groups["needs"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries),
                    [.. lines[(i + 1)..end].Select(line => Comment().Replace(line, "").Trim()).Where(line => line.Length > 0)],
                    OutputBehind(lines, end + 1));
            }

            i = end;
        }
    }

    /// <summary>What <c>dotnet</c> is called with to do <paramref name="command"/>.</summary>
    public static string[] Arguments(string command)
    {
        Match program = Program().Match(command);
        if (program.Success)
        {
            return ["run", Path.Combine(BuiltCommand.RepositoryRoot, program.Groups["path"].Value)];
        }

        Match match = Call().Match(command);
        Assert.True(match.Success, $"a tested line calls disttrain or dotnet run: {command}");
        IEnumerable<string> words = Word().Matches(match.Groups["arguments"].Value).Select(word => word.Value.Replace("\"", "", StringComparison.Ordinal));
        return [BuiltCommand.CommandLine, .. words];
    }

    /// <summary>Matches an output that has all of <see cref="Shown"/>, in order.</summary>
    public string Pattern() =>
        "(?ms)" + string.Join(".*?", Shown.Select(line => $"^{Regex.Escape(line).Replace(@"\.\.\.", "[^\n]*", StringComparison.Ordinal)}\r?$"));

    private static string[] OutputBehind(string[] lines, int start)
    {
        while (start < lines.Length && lines[start].Length == 0)
        {
            start++;
        }

        return start < lines.Length && lines[start] == "```"
            ? lines[(start + 1)..Array.IndexOf(lines, "```", start + 1)]
            : [];
    }

    [GeneratedRegex("^```bash test(?<needs>( [a-z0-9-]+)*)$")]
    private static partial Regex Opening();

    [GeneratedRegex(@"^(?:dotnet run\b.*? -- |disttrain )(?<arguments>.*)$")]
    private static partial Regex Call();

    [GeneratedRegex(@"^dotnet run (?<path>examples/[\w./-]+\.cs)$")]
    private static partial Regex Program();

    [GeneratedRegex(@"\s#.*$|^#.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?:""[^""]*""|[^\s""])+")]
    private static partial Regex Word();
}
