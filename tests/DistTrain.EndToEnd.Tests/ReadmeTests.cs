using System.Text.RegularExpressions;

namespace DistTrain.EndToEnd.Tests;

/// <summary>README's commands are the first thing that a stranger types: they run as tests.</summary>
/// <remarks>
/// A code block that starts with <c>```bash test</c> is run line by line from a folder of its own. <c>dotnet run ... --project X -- a b</c> and
/// <c>disttrain a b</c> both become a run of the built command line with <c>a b</c>: the build under test is the one that is run.
/// A block without a language right behind is the output: its lines must come in this order, with anything where it says <c>...</c>.
/// </remarks>
public class ReadmeTests
{
    private static readonly TimeSpan CommandMax = TimeSpan.FromMinutes(3); // the first training run, on a slow machine

    private static readonly string[] Readme = File.ReadAllLines(Path.Combine(BuiltCommand.RepositoryRoot, "README.md"));

    public static TheoryData<string> Commands => [.. TestedLines(Readme)];

    [Theory]
    [MemberData(nameof(Commands), DisableDiscoveryEnumeration = true)]
    [Trait("Category", "Long")]
    public async Task Every_command_that_the_readme_marks_for_testing_ends_well(string line)
    {
        string folder = Directory.CreateTempSubdirectory("disttrain-readme-").FullName;
        try
        {
            (int exitCode, string output) = await BuiltCommand.RunAsync(Arguments(line), folder, CommandMax);

            Assert.True(exitCode == 0, $"{line}\nended with code {exitCode}:\n{output}");
            Assert.Matches(Pattern(ShownOutput(Readme, line)), output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Only_lines_of_marked_blocks_are_run() =>
        Assert.Equal(
            ["disttrain train", "disttrain inspect runs/1"],
            TestedLines(["text", "```bash", "rm everything", "```", "```bash test", "disttrain train  # trains", "", "disttrain inspect runs/1", "```", "more"]));

    [Theory]
    [InlineData("dotnet run -c Release --project src/DistTrain.Cli -- train --epochs 1", "train --epochs 1")]
    [InlineData("disttrain train --set run.workers=2", "train --set run.workers=2")]
    public void Both_ways_to_call_the_command_line_mean_the_built_one(string line, string arguments) =>
        Assert.Equal(arguments, string.Join(' ', Arguments(line)));

    [Fact]
    public void The_block_behind_a_tested_one_is_its_output()
    {
        string[] readme = ["```bash test", "disttrain train", "```", "", "```", "loss 0.5  ... s", "done (all)", "```", "```", "other", "```"];

        Assert.Equal(["loss 0.5  ... s", "done (all)"], ShownOutput(readme, "disttrain train"));
        Assert.Matches(Pattern(ShownOutput(readme, "disttrain train")), "start\nloss 0.5  7.25 s\nmore\ndone (all)\n");
        Assert.DoesNotMatch(Pattern(ShownOutput(readme, "disttrain train")), "loss 0.4  7.25 s\ndone (all)\n");
        Assert.Empty(ShownOutput(["```bash test", "disttrain info", "```", "## Heading", "```", "other", "```"], "disttrain info"));
    }

    private static string[] ShownOutput(string[] readme, string command)
    {
        IEnumerable<string> behind = readme.SkipWhile(line => line.Split(" #")[0].Trim() != command).SkipWhile(line => line != "```").Skip(1)
            .SkipWhile(line => line.Length == 0 || line.StartsWith("<!--", StringComparison.Ordinal));
        return behind.FirstOrDefault() == "```" ? [.. behind.Skip(1).TakeWhile(line => line != "```")] : [];
    }

    private static string Pattern(string[] shown) =>
        "(?ms)" + string.Join(".*?", shown.Select(line => $"^{Regex.Escape(line).Replace(@"\.\.\.", "[^\n]*", StringComparison.Ordinal)}\r?$"));

    private static List<string> TestedLines(string[] readme)
    {
        List<string> tested = [];
        bool inside = false;
        foreach (string line in readme)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = !inside && line.Trim() == "```bash test";
            }
            else if (inside && line.Split(" #")[0].Trim() is { Length: > 0 } command)
            {
                tested.Add(command);
            }
        }

        return tested;
    }

    private static string[] Arguments(string line)
    {
        Match match = Regex.Match(line, @"^(?:dotnet run\b.*? -- |disttrain )(?<arguments>.*)$");
        Assert.True(match.Success, $"README.md: a tested line calls disttrain or dotnet run: {line}");
        return match.Groups["arguments"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
