using System.CommandLine;
using System.Text.RegularExpressions;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli.Tests;

/// <summary>
/// Every <c>disttrain ...</c> that README, docs and examples show, in a block or within a line, is one that the command line takes, with
/// keys that its job knows. Blocks marked for it are run as well, by CommandBlockTests.
/// </summary>
public partial class DocumentedCommandTests
{
    private static readonly string Root = FindRoot();

    /// <summary>Words of a sentence that stand for an argument.</summary>
    private static readonly string[] Placeholders = ["COMMAND", "[RUN]", "[JOB.yaml]", "NAME", "PATH"];

    [Fact]
    public void Every_command_in_a_document_is_one()
    {
        string[] documents = [.. Documents()];
        (string Place, string Command)[] commands = [.. documents.SelectMany(CommandsOf)];
        string[] wrong = [.. commands.Select(command => Problem(command.Command) is { } problem ? $"{command.Place}: {command.Command}: {problem}" : null).OfType<string>()];

        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
        Assert.True(commands.Length > 50, $"{commands.Length} commands in {documents.Length} documents: not all were found");
    }

    [Theory]
    [InlineData("disttrain train --epochs none")]
    [InlineData("disttrain train --set train.batchsize=3")]
    [InlineData("disttrain train examples/nowhere/job.yaml")]
    [InlineData("disttrain tarin")]
    public void A_mistake_in_a_document_would_be_seen(string command) => Assert.NotNull(Problem(command));

    private static string? Problem(string command)
    {
        string[] words = [.. Word().Matches(command).Skip(1).Select(word => word.Value.Replace("\"", "", StringComparison.Ordinal))];
        ParseResult parsed = CommandLine.Parse(words, new Terminal { Output = TextWriter.Null, Error = TextWriter.Null, Environment = new Dictionary<string, string?>() });

        // Within a sentence a command may stand without what it needs.
        if (words.Length > 1 && parsed.Action is not System.CommandLine.Help.HelpAction && ParseErrors.FirstOf(parsed) is { } mistake)
        {
            return mistake;
        }

        if (words.Length == 0 || parsed.CommandResult.Command is RootCommand)
        {
            return "no command";
        }

        return words[0] == "train" ? JobProblem(words) : null;
    }

    private static string? JobProblem(string[] words)
    {
        string? job = words.Skip(1).FirstOrDefault(word => word.StartsWith("examples/", StringComparison.Ordinal));
        var overlays = new JobOverlays();
        for (int i = 0; i + 1 < words.Length; i++)
        {
            overlays = words[i] switch
            {
                "--set" => overlays.AddSet(words[i + 1]),
                "--epochs" or "--batch" or "--slices" or "--seed" => overlays.AddSet($"train.{words[i][2..]}={words[i + 1]}"),
                "--engine" or "--workers" or "--servers" or "--threads" => overlays.AddSet($"run.{words[i][2..]}={words[i + 1]}"),
                _ => overlays,
            };
        }

        try
        {
            JobFile.Load(job is null ? null : Path.Combine(Root, job), overlays);
            return null;
        }
        catch (UserError e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<(string Place, string Command)> CommandsOf(string path)
    {
        string[] lines = File.ReadAllLines(path);
        bool inside = false;
        for (int i = 0; i < lines.Length; i++)
        {
            string place = $"{Path.GetRelativePath(Root, path)}:{i + 1}";
            if (lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                inside = !inside;
            }
            else if (inside && lines[i].StartsWith("disttrain ", StringComparison.Ordinal))
            {
                yield return (place, Comment().Replace(lines[i], ""));
            }
            else if (!inside)
            {
                foreach (string command in Inline().Matches(lines[i]).Select(match => match.Groups["command"].Value))
                {
                    if (!Placeholders.Any(command.Split(' ').Contains))
                    {
                        yield return (place, command);
                    }
                }
            }
        }
    }

    private static IEnumerable<string> Documents() =>
    [
        Path.Combine(Root, "README.md"),
        .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories),
        .. Directory.GetFiles(Path.Combine(Root, "examples"), "README.md", SearchOption.AllDirectories),
        .. Directory.GetFiles(Path.Combine(Root, "benchmarks"), "*.md", SearchOption.AllDirectories),
    ];

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DistTrain.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No DistTrain.sln above {AppContext.BaseDirectory}");
    }

    [GeneratedRegex("`(?<command>disttrain [^`]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"\s#.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?:""[^""]*""|[^\s""])+")]
    private static partial Regex Word();
}
