namespace DistTrain.Repository.Tests;

/// <summary>
/// The house: who may know whom. Two halves meet only in Hosting: distribution (Protocol, Simulation) sees flat runs of floats,
/// learning (Graph, Data, Training) sees shapes. Akka and MessagePack stay behind Cluster.
/// </summary>
public class ReferenceTableTests
{
    /// <summary>Project, the projects it may refer to, the packages it may use (a trailing dot means a family).</summary>
    private static readonly Row[] Table =
    [
        new("DistTrain.Tensors.Generators", [], ["Microsoft.CodeAnalysis.CSharp"]),
        new("DistTrain.Tensors", ["DistTrain.Tensors.Generators"], []),
        new("DistTrain.Graph", ["DistTrain.Tensors"], []),
        new("DistTrain.Data", ["DistTrain.Tensors"], ["CsvHelper"]),
        new("DistTrain.Training", ["DistTrain.Graph", "DistTrain.Data"], ["Microsoft.Extensions.", "YamlDotNet"]),
        new("DistTrain.Protocol", ["DistTrain.Tensors"], []),
        new("DistTrain.Simulation", ["DistTrain.Protocol"], []),
        new("DistTrain.Hosting", ["DistTrain.Protocol", "DistTrain.Training"], ["Microsoft.Extensions."]),
        new("DistTrain.Dashboard", ["DistTrain.Hosting"], ["Microsoft.Extensions."]),
        new("DistTrain.Cluster", ["DistTrain.Hosting"], ["Akka.", "MessagePack", "Microsoft.Extensions."]),
        new("DistTrain.Cli", ["DistTrain.Hosting", "DistTrain.Simulation", "DistTrain.Dashboard"], ["Microsoft.Extensions.", "Spectre.Console", "System.CommandLine"]),
        new("DistTrain.Node", ["DistTrain.Cluster"], ["Microsoft.Extensions."]),
    ];

    private static readonly string[] ClusterSide = ["DistTrain.Cluster", "DistTrain.Node"];

    [Fact]
    public void Every_source_project_refers_only_to_the_projects_its_row_allows() =>
        Findings.MustBeNone(
            from project in SourceProjects()
            from reference in project.ProjectReferences
            where !RowOf(project).Projects.Contains(reference.Name)
            select project.File.Finding(reference.Line, $"{project.Name} must not know {reference.Name}; allowed: {List(RowOf(project).Projects)}"),
            "A reference that the table of this test does not have. Move the code to where the reference exists, or change the house on purpose.");

    [Fact]
    public void Every_source_project_uses_only_the_packages_its_row_allows() =>
        Findings.MustBeNone(
            from project in SourceProjects()
            from reference in project.PackageReferences
            where !RowOf(project).Packages.Any(allowed => Matches(reference.Name, allowed))
            select project.File.Finding(reference.Line, $"{project.Name} must not use {reference.Name}; allowed: {List(RowOf(project).Packages)}"),
            "A package that the table of this test does not have. A new dependency needs a strong reason.");

    [Fact]
    public void Every_source_project_has_a_row() =>
        Findings.MustBeNone(
            SourceProjects().Where(project => Table.All(row => row.Project != project.Name)).Select(project => project.File.Finding(0, "no row in the table")),
            "A project without a place in the house.");

    [Fact]
    public void Only_the_cluster_side_and_its_tests_know_Akka_MessagePack_and_the_cluster_projects() =>
        Findings.MustBeNone(
            from project in Checkout.Projects()
            where !IsOnTheClusterSide(project)
            from reference in project.PackageReferences.Concat(project.ProjectReferences)
            where reference.Name.StartsWith("Akka", StringComparison.Ordinal) || reference.Name.StartsWith("MessagePack", StringComparison.Ordinal) ||
                ClusterSide.Contains(reference.Name)
            select project.File.Finding(reference.Line, $"{project.Name} must build where {reference.Name} cannot be had"),
            "The rest of the solution builds without Akka.NET.");

    [Fact]
    public void Only_the_cluster_side_names_Akka_or_MessagePack_in_code() =>
        Findings.MustBeNone(
            Checkout.Sources()
                .Where(file => !file.Path.Contains("DistTrain.Cluster", StringComparison.Ordinal) && !file.Path.Contains("DistTrain.Node", StringComparison.Ordinal))
                .SelectMany(file => file.FindingsPerLine(line =>
                    line.StartsWith("using Akka", StringComparison.Ordinal) || line.StartsWith("using MessagePack", StringComparison.Ordinal) ? line : null)),
            "Akka.NET and MessagePack appear in the cluster side alone.");

    private static IEnumerable<Project> SourceProjects() =>
        Checkout.Projects().Where(project => project.File.Path.Split('/') is ["src", _, _]);

    private static Row RowOf(Project project) => Array.Find(Table, row => row.Project == project.Name) ?? new Row(project.Name, [], []);

    private static bool IsOnTheClusterSide(Project project) =>
        ClusterSide.Any(name => project.File.Path.StartsWith($"src/{name}/", StringComparison.Ordinal) ||
            project.File.Path.StartsWith($"tests/{name}.Tests/", StringComparison.Ordinal));

    private static bool Matches(string package, string allowed) =>
        allowed.EndsWith('.') ? package.StartsWith(allowed, StringComparison.Ordinal) : package == allowed;

    private static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);

    private sealed record Row(string Project, string[] Projects, string[] Packages);
}
