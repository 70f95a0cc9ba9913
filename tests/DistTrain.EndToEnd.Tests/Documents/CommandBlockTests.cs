using DistTrain.TestKit;

namespace DistTrain.EndToEnd.Tests;

/// <summary>What README, docs and examples tell a stranger to type is run here, and must print what they show.</summary>
public class CommandBlockTests
{
    private static readonly TimeSpan CommandMax = TimeSpan.FromMinutes(15); // a training run of an example, on a slow machine

    public static TheoryData<string> Places => [.. All().Select(block => block.Place)];

    [SkippableTheory]
    [MemberData(nameof(Places))]
    [Trait("Category", "Long")]
    public async Task Commands_that_a_document_marks_for_testing_do_what_it_shows(string place)
    {
        CommandBlock block = All().Single(block => block.Place == place);
        foreach (string set in block.Needs)
        {
            Skip.If(RealData.Folder(set) is null, RealData.Missing(set));
        }

        string folder = Directory.CreateTempSubdirectory("disttrain-document-").FullName;
        try
        {
            CopyExamples(folder);
            string printed = "";
            foreach (string command in block.Commands)
            {
                (int exitCode, string output) = await BuiltCommand.RunDotNetAsync(CommandBlock.Arguments(command), folder, CommandMax);
                Assert.True(exitCode == 0, $"{place}: {command}\nended with code {exitCode}:\n{output}");
                printed += output;
            }

            Assert.Matches(block.Pattern(), printed);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_example_is_run_by_its_page()
    {
        string[] silent =
        [
            .. Directory.GetDirectories(Path.Combine(BuiltCommand.RepositoryRoot, "examples"))
                .Where(folder => !File.Exists(Path.Combine(folder, "README.md"))
                    || !CommandBlock.Read("README.md", File.ReadAllLines(Path.Combine(folder, "README.md"))).Any(block => block.Shown.Length > 0))
                .Select(folder => Path.GetFileName(folder)),
        ];

        Assert.True(silent.Length == 0, $"examples without a tested command and its output in README.md: {string.Join(", ", silent)}");
    }

    [Fact]
    public void Only_lines_of_marked_blocks_are_run()
    {
        CommandBlock block = Assert.Single(CommandBlock.Read(
            "a.md", ["text", "```bash", "rm everything", "```", "```bash test", "disttrain train  # trains", "", "disttrain inspect runs/1", "```", "more"]));

        Assert.Equal("a.md:6", block.Place);
        Assert.Equal(["disttrain train", "disttrain inspect runs/1"], block.Commands);
        Assert.Empty(block.Needs);
        Assert.Empty(block.Shown);
    }

    [Fact]
    public void A_block_names_the_data_that_it_needs() =>
        Assert.Equal(["mnist", "text"], Assert.Single(CommandBlock.Read("a.md", ["```bash test mnist text", "disttrain train", "```"])).Needs);

    [Theory]
    [InlineData("dotnet run -c Release --project src/DistTrain.Cli -- train --epochs 1", "train|--epochs|1")]
    [InlineData("disttrain train --set run.workers=2", "train|--set|run.workers=2")]
    [InlineData("disttrain predict model --text \"a long day\"", "predict|model|--text|a long day")]
    public void Both_ways_to_call_the_command_line_mean_the_built_one(string line, string arguments) =>
        Assert.Equal([BuiltCommand.CommandLine, .. arguments.Split('|')], CommandBlock.Arguments(line));

    [Fact]
    public void A_program_of_an_example_is_run_where_it_lies() =>
        Assert.Equal(["run", Path.Combine(BuiltCommand.RepositoryRoot, "examples/a/Program.cs")], CommandBlock.Arguments("dotnet run examples/a/Program.cs"));

    [Fact]
    public void The_block_behind_a_tested_one_is_its_output()
    {
        CommandBlock block = Assert.Single(CommandBlock.Read(
            "a.md", ["```bash test", "disttrain train", "```", "", "```", "loss 0.5  ... s", "done (all)", "```", "```", "other", "```"]));

        Assert.Equal(["loss 0.5  ... s", "done (all)"], block.Shown);
        Assert.Matches(block.Pattern(), "start\nloss 0.5  7.25 s\nmore\ndone (all)\n");
        Assert.DoesNotMatch(block.Pattern(), "loss 0.4  7.25 s\ndone (all)\n");
        Assert.Empty(Assert.Single(CommandBlock.Read("a.md", ["```bash test", "disttrain info", "```", "## Heading", "```", "other", "```"])).Shown);
    }

    private static IEnumerable<CommandBlock> All()
    {
        string root = BuiltCommand.RepositoryRoot;
        string[] documents =
        [
            Path.Combine(root, "README.md"),
            .. Directory.GetFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories),
            .. Directory.GetFiles(Path.Combine(root, "examples"), "README.md", SearchOption.AllDirectories),
        ];
        return documents.Order(StringComparer.Ordinal)
            .SelectMany(path => CommandBlock.Read(Path.GetRelativePath(root, path).Replace('\\', '/'), File.ReadAllLines(path)));
    }

    private static void CopyExamples(string folder)
    {
        string examples = Path.Combine(BuiltCommand.RepositoryRoot, "examples");
        foreach (string path in Directory.GetFiles(examples, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, "examples", Path.GetRelativePath(examples, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }
    }
}
