using System.Text.RegularExpressions;

namespace DistTrain.EndToEnd.Tests;

/// <summary>docs/follow-one-gradient.md taken apart: its job, the files it names, and the tables of each numbered section.</summary>
internal sealed partial class GradientPage
{
    private readonly Dictionary<int, List<List<string>>> tables = [];

    public GradientPage(string[] lines)
    {
        int section = 0;
        bool yaml = false, inTable = false;
        var job = new List<string>();
        foreach (string line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                yaml = line == "```yaml";
                continue;
            }

            if (yaml)
            {
                job.Add(line);
            }
            else if (Heading().Match(line) is { Success: true } heading)
            {
                section = int.Parse(heading.Groups["number"].Value);
            }

            bool row = line.StartsWith('|');
            if (row && !inTable)
            {
                tables.TryAdd(section, []);
                tables[section].Add([]);
            }

            if (row)
            {
                tables[section][^1].Add(string.Join(" | ", line.Trim('|').Split('|').Select(cell => cell.Trim())));
            }

            inTable = row;
            if (FileLine().Match(line) is { Success: true } file)
            {
                Files.Add((section, file.Groups["path"].Value, [.. Quoted().Matches(file.Groups["names"].Value).Select(name => name.Groups["text"].Value)]));
            }
        }

        Job = string.Join('\n', job);
    }

    public static GradientPage Read() =>
        new(File.ReadAllLines(Path.Combine(BuiltCommand.RepositoryRoot, "docs", "follow-one-gradient.md")));

    public string Job { get; }

    /// <summary>Lines of the form "- `src/X.cs`: `Type.Member`, ...", with the section they stand in.</summary>
    public List<(int Section, string Path, string[] Names)> Files { get; } = [];

    /// <summary>Rows below the head of a section's table, cells parted by " | "; section 0 is what stands before section 1.</summary>
    public IReadOnlyList<string> Rows(int section, int table = 0) => [.. tables[section][table].Skip(2)];

    [GeneratedRegex(@"^## (?<number>\d+)\. ")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^- `(?<path>src/[^`]+)`: (?<names>.*)$")]
    private static partial Regex FileLine();

    [GeneratedRegex("`(?<text>[^`]+)`")]
    private static partial Regex Quoted();
}
