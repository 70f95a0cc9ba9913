using System.Text.Json;

namespace DistTrain.Training.Tests;

/// <summary>Writing the files anew: DISTTRAIN_WRITE_DOCS=1 dotnet test tests/DistTrain.Training.Tests.</summary>
public class JobReferenceTests
{
    [Fact]
    public void The_reference_is_current() => Current("job.md", JobReference.Markdown());

    [Fact]
    public void The_schema_is_current_and_is_json()
    {
        string schema = JobSchema.Json();
        using JsonDocument document = JsonDocument.Parse(schema);
        Assert.Equal(JsonValueKind.Object, document.RootElement.GetProperty("properties").GetProperty("train").ValueKind);
        Current("job.schema.json", schema);
    }

    [Fact]
    public void Examples_of_the_reference_are_jobs()
    {
        string[] blocks = JobReference.Markdown().Split("```");
        Assert.Equal(7, blocks.Length);
        for (int i = 1; i < blocks.Length; i += 2)
        {
            Assert.StartsWith("yaml\n", blocks[i], StringComparison.Ordinal);
            Assert.NotEqual(new Job().Sha256(), JobFile.Parse(blocks[i]["yaml".Length..]).Sha256());
        }
    }

    [Fact]
    public void Every_key_has_a_description()
    {
        var open = new Queue<JobSection>([JobSection.Of(typeof(Job)), .. JobSection.Choices(typeof(LayerJob))!, .. JobSection.Choices(typeof(OptimizerJob))!]);
        int keys = 0;
        while (open.TryDequeue(out JobSection? section))
        {
            foreach (JobKey key in section.Keys)
            {
                keys++;
                Assert.EndsWith(".", key.Rule.Doc, StringComparison.Ordinal);
                Assert.True(key.Default is not null || key.Rule.Required || key.Rule.Automatic is not null, $"{section.Type.Name}.{key.Name} doesn't say what absence means");
                if (key.ItemType is null && JobSection.IsSection(key.Type) && JobSection.Choices(key.Type) is null)
                {
                    open.Enqueue(JobSection.Of(key.Type));
                }
            }
        }

        Assert.True(keys > 60, $"{keys} keys");
    }

    private static void Current(string name, string expected)
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "DistTrain.sln")))
        {
            root = root.Parent;
        }

        string path = Path.Combine(root!.FullName, "docs", name);
        if (Environment.GetEnvironmentVariable("DISTTRAIN_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path), $"docs/{name} is missing");
        Assert.Equal(expected, File.ReadAllText(path).ReplaceLineEndings("\n"));
    }
}
