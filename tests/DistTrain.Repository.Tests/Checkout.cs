namespace DistTrain.Repository.Tests;

/// <summary>The files of this repository as they lie on disk, build outputs left out. Needs no git, so a source archive passes too.</summary>
internal static class Checkout
{
    private static readonly string[] OutputFolders = ["bin", "obj", "artifacts", "TestResults", "runs", "BenchmarkDotNet.Artifacts"];

    /// <summary>The folder of DistTrain.sln.</summary>
    public static string Root { get; } = FindRoot();

    private static readonly Lazy<IReadOnlyList<TextFile>> AllFiles = new(() => [.. Walk(Root)]);

    /// <summary>Files below <paramref name="folder"/> (all when empty) whose name ends with one of <paramref name="endings"/>.</summary>
    public static IEnumerable<TextFile> Files(string folder, params string[] endings) =>
        AllFiles.Value.Where(file =>
            (folder.Length == 0 || file.Path.StartsWith(folder + "/", StringComparison.Ordinal)) &&
            endings.Any(ending => file.Path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));

    /// <summary>C# of src, tests, examples and benchmarks.</summary>
    public static IEnumerable<TextFile> Sources() =>
        Files("", ".cs").Where(file => file.Path.Split('/')[0] is "src" or "tests" or "examples" or "benchmarks");

    public static IEnumerable<Project> Projects() => Files("", ".csproj").Select(file => new Project(file));

    public static bool Exists(string path)
    {
        string full = Path.Combine(Root, path);
        return File.Exists(full) || Directory.Exists(full);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DistTrain.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No DistTrain.sln above {AppContext.BaseDirectory}");
    }

    private static IEnumerable<TextFile> Walk(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            yield return new TextFile(Path.GetRelativePath(Root, file).Replace('\\', '/'));
        }

        foreach (string inner in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(inner);
            if (OutputFolders.Contains(name) || (name.StartsWith('.') && name is not (".ci" or ".github")))
            {
                continue;
            }

            foreach (TextFile file in Walk(inner))
            {
                yield return file;
            }
        }
    }
}
