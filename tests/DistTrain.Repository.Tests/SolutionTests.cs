using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DistTrain.Repository.Tests;

/// <summary>DistTrain.sln, projects and package versions agree.</summary>
public partial class SolutionTests
{
    /// <summary>Source projects without a test project of their own, with the reason.</summary>
    private static readonly Dictionary<string, string> TestedElsewhere = new()
    {
        ["DistTrain.Tensors.Generators"] = "its output is what DistTrain.Tensors.Tests tests",
        ["DistTrain.Node"] = "a composition root; DistTrain.Cluster.Tests starts it as a process",
    };

    [Fact]
    public void Solution_and_folders_hold_the_same_projects()
    {
        TextFile solution = new("DistTrain.sln");
        string[] listed = [.. solution.Lines.Select(line => SolutionProject().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups["path"].Value.Replace('\\', '/'))];
        string[] present = [.. Checkout.Projects().Select(project => project.File.Path).Where(path => path.Split('/') is ["src" or "tests", _, _])];
        Findings.MustBeNone(
            present.Except(listed).Select(path => $"{path}: not in DistTrain.sln (dotnet sln add)")
                .Concat(listed.Where(path => !Checkout.Exists(path)).Select(path => $"DistTrain.sln: {path} does not exist")),
            "dotnet build and dotnet test must see every project.");
    }

    /// <summary>Folders that hold no project: the scripts that make golden dumps.</summary>
    private static readonly string[] Scripts = ["tests/golden"];

    [Fact]
    public void Every_folder_of_src_and_tests_is_a_project_of_its_name() =>
        Findings.MustBeNone(
            from top in new[] { "src", "tests" }
            from folder in Directory.EnumerateDirectories(Path.Combine(Checkout.Root, top))
            let name = Path.GetFileName(folder)
            where !File.Exists(Path.Combine(folder, name + ".csproj")) && HoldsFiles(folder) && !Scripts.Contains($"{top}/{name}")
            select $"{top}/{name}: no {name}.csproj",
            "Dead folder.");

    [Fact]
    public void Every_source_project_has_a_test_project() =>
        Findings.MustBeNone(
            Checkout.Projects().Where(project => project.File.Path.Split('/') is ["src", _, _] && !TestedElsewhere.ContainsKey(project.Name) &&
                !Checkout.Exists($"tests/{project.Name}.Tests/{project.Name}.Tests.csproj")).Select(project => project.File.Finding(0, "no test project")),
            "tests/X.Tests for src/X.");

    [Fact]
    public void Every_package_version_is_used_and_every_package_has_one()
    {
        string[] versions = [.. Includes("Directory.Packages.props", "PackageVersion")];
        string[] used = [.. Checkout.Files("", ".csproj", ".props", ".targets").SelectMany(PackagesOf).Distinct()];
        Findings.MustBeNone(
            versions.Except(used).Select(name => $"Directory.Packages.props: nothing uses {name}")
                .Concat(used.Except(versions).Select(name => $"Directory.Packages.props: no version for {name}")),
            "One place for versions, and nothing dead in it.");
    }

    [Fact]
    public void No_project_states_a_version_of_its_own() =>
        Findings.MustBeNone(
            Checkout.Files("", ".csproj").SelectMany(file => file.FindingsPerLine(line => OwnVersion().IsMatch(line) ? line.Trim() : null)),
            "Versions stand in Directory.Packages.props.");

    private static IEnumerable<string> PackagesOf(TextFile file) =>
        Includes(file.Path, "PackageReference").Where(name => !name.StartsWith('@')).Concat(Includes(file.Path, "EnginePackage"));

    private static IEnumerable<string> Includes(string path, string element) =>
        XDocument.Load(Path.Combine(Checkout.Root, path)).Descendants(element).Select(node => (string?)node.Attribute("Include")).OfType<string>();

    private static bool HoldsFiles(string folder)
    {
        string prefix = Path.GetRelativePath(Checkout.Root, folder).Replace('\\', '/');
        return Checkout.Files(prefix, "").Any();
    }

    [GeneratedRegex(@"^Project\(""[^""]*""\) = ""[^""]*"", ""(?<path>[^""]*\.csproj)""")]
    private static partial Regex SolutionProject();

    [GeneratedRegex(@"<PackageReference[^>]*\bVersion(?:Override)?=")]
    private static partial Regex OwnVersion();
}
