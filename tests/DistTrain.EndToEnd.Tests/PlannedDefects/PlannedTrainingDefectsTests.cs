using DistTrain.Simulation.Tests;
using Xunit.Abstractions;

namespace DistTrain.EndToEnd.Tests;

/// <summary>The simulator finds defects of what trains too, not of the protocol alone.</summary>
public class PlannedTrainingDefectsTests(ITestOutputHelper output)
{
    private const int SeedsMax = 100;

    private static IReadOnlyList<PlannedDefect> Defects { get; } = PlannedDefect.ReadOf("DistTrain.EndToEnd.Tests");

    [Fact]
    [Trait("Category", "PlannedDefects")]
    [Trait("Category", "Long")]
    public void The_simulator_catches_every_planned_defect_of_training()
    {
        (IReadOnlyList<string> missed, int seeds) = DefectTable.Fill(Defects, typeof(TrainingTrial), SeedsMax, output.WriteLine);
        Assert.True(missed.Count == 0, $"not caught in {SeedsMax} seeds: {string.Join("; ", missed)}");
        Assert.Equal("0|", TrainingTrial.Run(seeds));
    }

    [Fact]
    [Trait("Category", "PlannedDefects")]
    public void Every_defect_still_stands_in_the_code()
    {
        Assert.NotEmpty(Defects);
        foreach (PlannedDefect defect in Defects)
        {
            string text = File.ReadAllText(Path.Combine(PlannedDefect.Root, defect.Changes[0].File));
            Assert.NotEqual(text, defect.Apply(defect.Changes[0].File, text));
        }
    }
}
