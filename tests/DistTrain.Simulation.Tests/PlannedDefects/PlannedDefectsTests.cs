using Xunit.Abstractions;

namespace DistTrain.Simulation.Tests;

/// <summary>The simulator is trusted because it finds what is put in: every planned defect, within a few seeds.</summary>
public class PlannedDefectsTests(ITestOutputHelper output)
{
    private const int SeedsMax = 5000;

    private static IReadOnlyList<PlannedDefect> Defects { get; } = PlannedDefect.ReadOf("DistTrain.Simulation.Tests");

    [Fact]
    [Trait("Category", "PlannedDefects")]
    [Trait("Category", "Long")]
    public void The_simulator_catches_every_planned_defect()
    {
        Assert.True(Defects.Count >= 20, $"only {Defects.Count} defects are planned");

        // A part of a name tries the defects that have it, to see a new one caught without all the others.
        string some = Environment.GetEnvironmentVariable("DISTTRAIN_DEFECT") ?? "";
        IEnumerable<PlannedDefect> tried = Defects.Where(defect => defect.Name.Contains(some, StringComparison.Ordinal));
        (IReadOnlyList<string> missed, int seeds) = DefectTable.Fill(tried, typeof(DefectTrial), SeedsMax, output.WriteLine);
        Assert.True(missed.Count == 0, $"not caught in {SeedsMax} seeds: {string.Join("; ", missed)}");

        // A seed that fails without a defect too has caught nothing.
        Assert.Equal("0|", DefectTrial.Run(seeds));
        output.WriteLine($"Without a defect all of these {seeds} seeds pass.");
    }

    [Fact]
    [Trait("Category", "PlannedDefects")]
    public void Every_defect_still_stands_in_the_code()
    {
        foreach (PlannedDefect defect in Defects)
        {
            foreach (string file in defect.Changes.Select(change => change.File).Distinct())
            {
                string text = File.ReadAllText(Path.Combine(PlannedDefect.Root, file));
                Assert.NotEqual(text, defect.Apply(file, text));
            }
        }
    }

    [Fact]
    [Trait("Category", "PlannedDefects")]
    public void A_build_without_a_defect_is_not_accused()
    {
        string file = "src/DistTrain.Protocol/RunPlan.cs";
        string[] line = ["public sealed record RunPlan"];
        Assert.Equal("0|", DefectiveBuild.Try(new PlannedDefect("none", [new PlannedDefect.Change(file, line, line)]), typeof(DefectTrial), 40));
    }

    [Fact]
    [Trait("Category", "PlannedDefects")]
    public void The_documented_table_lists_every_defect_in_order()
    {
        string[] page = File.ReadAllLines(Path.Combine(PlannedDefect.Root, "docs", "simulation.md"));
        IEnumerable<string> listed = page.SkipWhile(line => !line.StartsWith("| planned defect", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('|')[1].Trim());

        Assert.Equal(Defects.Concat(PlannedDefect.ReadOf("DistTrain.EndToEnd.Tests")).Select(defect => defect.Name), listed);
    }
}
