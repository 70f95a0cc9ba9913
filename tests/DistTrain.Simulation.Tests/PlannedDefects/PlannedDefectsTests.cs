using System.Globalization;
using Xunit.Abstractions;

namespace DistTrain.Simulation.Tests;

/// <summary>The simulator is trusted because it finds what is put in: every planned defect, within a few seeds.</summary>
public class PlannedDefectsTests(ITestOutputHelper output)
{
    private const int SeedsMax = 5000;

    private static IReadOnlyList<PlannedDefect> Defects { get; } = PlannedDefect.Read(
        File.ReadAllLines(Path.Combine(PlannedDefect.Root, "tests", "DistTrain.Simulation.Tests", "PlannedDefects", "defects.txt")));

    [Fact]
    [Trait("Category", "PlannedDefects")]
    [Trait("Category", "Long")]
    public void The_simulator_catches_every_planned_defect()
    {
        Assert.True(Defects.Count >= 20, $"only {Defects.Count} defects are planned");
        var missed = new List<string>();
        output.WriteLine("| planned defect | caught after seeds | by |");
        output.WriteLine("|---|---|---|");
        foreach (PlannedDefect defect in Defects)
        {
            string[] found = DefectiveBuild.Try(defect, SeedsMax).Split('|', 2);
            int seeds = int.Parse(found[0], CultureInfo.InvariantCulture);
            output.WriteLine($"| {defect.Name} | {(seeds == 0 ? "never" : seeds)} | {Short(found[1])} |");
            if (seeds == 0)
            {
                missed.Add(defect.Name);
            }
        }

        Assert.True(missed.Count == 0, $"not caught in {SeedsMax} seeds: {string.Join("; ", missed)}");
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
        Assert.Equal("0|", DefectiveBuild.Try(new PlannedDefect("none", [new PlannedDefect.Change(file, ["public sealed record RunPlan"], ["public sealed record RunPlan"])]), 40));
    }

    private static string Short(string text) => text.Length <= 120 ? text : text[..117] + "...";
}
