namespace DistTrain.Simulation.Tests;

/// <summary>A deliberate bug as a change of source files, so that production code knows nothing of it.</summary>
internal sealed record PlannedDefect(string Name, IReadOnlyList<PlannedDefect.Change> Changes)
{
    /// <summary>These lines, once in this file, become those.</summary>
    internal sealed record Change(string File, IReadOnlyList<string> From, IReadOnlyList<string> To);

    /// <summary>The repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The one project the defect is in.</summary>
    public string Project => Changes[0].File.Split('/')[1];

    /// <summary>The list of a test project.</summary>
    public static IReadOnlyList<PlannedDefect> ReadOf(string testProject) =>
        Read(File.ReadAllLines(Path.Combine(Root, "tests", testProject, "PlannedDefects", "defects.txt")));

    /// <summary>Reads a list of defects.</summary>
    public static IReadOnlyList<PlannedDefect> Read(IEnumerable<string> lines)
    {
        var defects = new List<PlannedDefect>();
        List<Change> changes = [];
        List<string> from = [], to = [];
        foreach (string line in lines)
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                changes = [];
                defects.Add(new PlannedDefect(line[3..], changes));
            }
            else if (line.StartsWith("src/", StringComparison.Ordinal))
            {
                from = [];
                to = [];
                changes.Add(new Change(line, from, to));
            }
            else if (line.StartsWith('-'))
            {
                from.Add(line[1..]);
            }
            else if (line.StartsWith('+'))
            {
                to.Add(line[1..]);
            }
        }

        return defects;
    }

    /// <summary>A file with this defect's changes.</summary>
    /// <exception cref="InvalidOperationException">The lines to change do not stand there exactly once.</exception>
    public string Apply(string file, string text)
    {
        List<string> lines = [.. text.Split('\n')];
        foreach (Change change in Changes.Where(change => change.File == file))
        {
            List<int> places = [.. Enumerable.Range(0, lines.Count).Where(place => StandsAt(lines, place, change.From))];
            if (places.Count != 1)
            {
                throw new InvalidOperationException(
                    $"\"{Name}\": its lines stand {places.Count} times in {file}; the code moved on, move the defect (PlannedDefects/defects.txt) with it.");
            }

            lines.RemoveRange(places[0], change.From.Count);
            lines.InsertRange(places[0], change.To);
        }

        return string.Join('\n', lines);
    }

    private static bool StandsAt(List<string> lines, int place, IReadOnlyList<string> wanted)
    {
        for (int i = 0; i < wanted.Count; i++)
        {
            if (place + i >= lines.Count || lines[place + i].Trim() != wanted[i].Trim())
            {
                return false;
            }
        }

        return true;
    }

    private static string FindRoot()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "DistTrain.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No DistTrain.sln above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}
