namespace DistTrain.Simulation.Tests;

/// <summary>
/// Stories of the protocol as text. With DISTTRAIN_REWRITE_SCENARIOS=1 the files are rewritten and reviewed as diffs: a change of
/// the protocol shows in them as what the machines now do differently.
/// </summary>
public class ScenarioTests
{
    private static readonly string Folder = Path.Combine(PlannedDefect.Root, "tests", "DistTrain.Simulation.Tests", "Scenarios");

    public static TheoryData<string> Stories() => [.. Directory.EnumerateFiles(Folder, "*.txt").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Stories))]
    public void A_story_is_told_as_it_is_written(string file)
    {
        string path = Path.Combine(Folder, file);
        string written = File.ReadAllText(path).ReplaceLineEndings("\n");
        string told = new Scenario(written).Tell();
        if (Environment.GetEnvironmentVariable("DISTTRAIN_REWRITE_SCENARIOS") == "1")
        {
            File.WriteAllText(path, told);
            written = told;
        }

        Assert.Equal(written.Split('\n'), told.Split('\n'));
    }
}
