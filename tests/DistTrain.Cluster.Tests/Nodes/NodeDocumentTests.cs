namespace DistTrain.Cluster.Tests;

public class NodeDocumentTests
{
    [Fact]
    public void The_program_of_the_document_is_the_one_that_is_compiled_here()
    {
        string[] source = File.ReadAllLines(Path.Combine(Root(), "tests", "DistTrain.Cluster.Tests", "Nodes", $"{nameof(NodeInAHost)}.cs"));
        IEnumerable<string> usings = source.TakeWhile(line => line.StartsWith("using ", StringComparison.Ordinal));
        string[] body = [.. source.SkipWhile(line => line.Trim() != "// docs/cluster.md begins").Skip(1).TakeWhile(line => line.Trim() != "// docs/cluster.md ends")];
        string program = string.Join('\n', [.. usings, "", .. body.Select(line => line.Trim())]);

        string document = File.ReadAllText(Path.Combine(Root(), "docs", "cluster.md")).ReplaceLineEndings("\n");

        Assert.NotEmpty(body);
        Assert.Contains($"```csharp\n{program}\n```", document, StringComparison.Ordinal);
    }

    public static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DistTrain.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"no DistTrain.sln above {AppContext.BaseDirectory}");
    }
}
