using System.Globalization;

namespace DistTrain.Simulation.Tests;

/// <summary>After how many seeds each planned defect was caught, and by what.</summary>
internal static class DefectTable
{
    private const int TextMax = 120;

    /// <summary>Tries defects one after the other and writes a row for each.</summary>
    /// <returns>The defects that were missed, and the most seeds that one took.</returns>
    public static (IReadOnlyList<string> Missed, int Seeds) Fill(IEnumerable<PlannedDefect> defects, Type trial, int seedsMax, Action<string> write)
    {
        List<string> missed = [];
        int most = 0;
        write("| planned defect | caught after seeds | by |");
        write("|---|---|---|");
        foreach (PlannedDefect defect in defects)
        {
            string[] found = DefectiveBuild.Try(defect, trial, seedsMax).Split('|', 2);
            int seeds = int.Parse(found[0], CultureInfo.InvariantCulture);
            most = Math.Max(most, seeds);
            write($"| {defect.Name} | {(seeds == 0 ? "never" : seeds)} | {(found[1].Length <= TextMax ? found[1] : found[1][..(TextMax - 3)] + "...")} |");
            if (seeds == 0)
            {
                missed.Add(defect.Name);
            }
        }

        return (missed, most);
    }
}
