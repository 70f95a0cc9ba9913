using DistTrain.Training;

namespace DistTrain.EndToEnd.Tests;

/// <summary>What README shows besides commands: its C# runs. (That jobs of documents are jobs is held by SnippetTests.)</summary>
public class ReadmeExampleTests
{
    private static readonly string[] Readme = File.ReadAllLines(Path.Combine(BuiltCommand.RepositoryRoot, "README.md"));

    [Fact]
    public void The_csharp_example_is_the_one_that_is_compiled_here()
    {
        string[] source = File.ReadAllLines(
            Path.Combine(BuiltCommand.RepositoryRoot, "tests", "DistTrain.EndToEnd.Tests", "Documents", $"{nameof(TrainFromCSharp)}.cs"));
        string[] usings = [.. source.TakeWhile(line => line.StartsWith("using ", StringComparison.Ordinal))];
        string[] body = [.. source.SkipWhile(line => line.Trim() != "// README begins").Skip(1).TakeWhile(line => line.Trim() != "// README ends")];
        int indent = body[0].Length - body[0].TrimStart().Length;

        string expected = string.Join('\n', [.. usings, "", .. body.Select(line => line.Length > indent ? line[indent..] : line)]);

        Assert.Equal(expected, Assert.Single(Blocks("csharp")));
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task The_csharp_example_learns_the_digits()
    {
        TrainingRun run = await TrainFromCSharp.RunAsync();

        Assert.InRange(run.Done.Test!.Accuracy!.Value, 0.9, 1.0);
    }

    private static IEnumerable<string> Blocks(string language)
    {
        var block = new List<string>();
        bool inside = false;
        foreach (string line in Readme)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                if (inside)
                {
                    yield return string.Join('\n', block);
                }

                inside = !inside && line == $"```{language}";
                block.Clear();
            }
            else if (inside)
            {
                block.Add(line);
            }
        }
    }
}
