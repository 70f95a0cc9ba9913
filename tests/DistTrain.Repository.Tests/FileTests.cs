using System.Text.RegularExpressions;

namespace DistTrain.Repository.Tests;

/// <summary>Sizes and shape of C# files: a stranger finds a thing by its file name and reads a file in one go.</summary>
public partial class FileTests
{
    private const int LinesMax = 500; // the wall; aim at 120
    private const int LinesWithoutReasonMax = 300;
    private const string Closed = "a closed hierarchy: a switch over it is checked against this one page";

    /// <summary>Files above 300 lines, with the reason why splitting would make them worse. This list only shrinks.</summary>
    private static readonly Dictionary<string, string> LongFiles = new()
    {
    };

    /// <summary>Files with several public types, with the reason.</summary>
    private static readonly Dictionary<string, string> FilesWithSeveralPublicTypes = new()
    {
        ["src/DistTrain.Protocol/Identifiers.cs"] = "typed numbers of a line each",
        ["src/DistTrain.Protocol/Machines/Effect.cs"] = Closed,
        ["src/DistTrain.Protocol/Machines/Input.cs"] = Closed,
        ["src/DistTrain.Protocol/Messages/CoordinatorMessages.cs"] = Closed,
        ["src/DistTrain.Protocol/Messages/Message.cs"] = Closed,
        ["src/DistTrain.Protocol/Messages/RecoveryMessages.cs"] = Closed,
        ["src/DistTrain.Protocol/Messages/ServerMessages.cs"] = Closed,
        ["src/DistTrain.Protocol/Messages/WorkerMessages.cs"] = Closed,
        ["src/DistTrain.Protocol/Status/RunEvent.cs"] = Closed,
        ["src/DistTrain.Protocol/Status/RunStatus.cs"] = "one snapshot and its parts",
    };

    /// <summary>Files whose namespace is not their project's name, with the reason.</summary>
    private static readonly Dictionary<string, string> ForeignNamespaces = new()
    {
    };

    [Fact]
    public void No_file_has_more_than_500_lines() =>
        Findings.MustBeNone(
            Written().Where(file => file.Lines.Count > LinesMax).Select(file => file.Finding(LinesMax, $"{file.Lines.Count} lines")),
            "Split by idea, not by line count.");

    [Fact]
    public void A_file_above_300_lines_has_its_reason_in_the_list() =>
        Findings.MustBeNone(
            Written().Where(file => file.Lines.Count > LinesWithoutReasonMax && !LongFiles.ContainsKey(file.Path))
                .Select(file => file.Finding(LinesWithoutReasonMax, $"{file.Lines.Count} lines")),
            "Split by idea; if the file is one idea, give the reason in LongFiles.");

    [Fact]
    public void The_lists_of_exceptions_name_only_files_that_need_them() =>
        Findings.MustBeNone(
            LongFiles.Keys.Where(path => !Written().Any(file => file.Path == path && file.Lines.Count > LinesWithoutReasonMax))
                .Concat(FilesWithSeveralPublicTypes.Keys.Where(path => !Checkout.Exists(path)))
                .Concat(ForeignNamespaces.Keys.Where(path => !Checkout.Exists(path))),
            "The exception is no longer needed: delete it.");

    [Fact]
    public void A_file_has_one_public_type_and_its_name() =>
        Findings.MustBeNone(Written().SelectMany(WrongTypes), "One public type a file, named like the file.");

    [Fact]
    public void Namespaces_are_project_names() =>
        Findings.MustBeNone(
            Written().Where(file => file.Path.Split('/').Length > 2 && !ForeignNamespaces.ContainsKey(file.Path)).SelectMany(WrongNamespaces),
            "File-scoped namespace, the project's name; folders do not make namespaces.");

    [Fact]
    public void Every_file_belongs_to_a_project() =>
        Findings.MustBeNone(
            Checkout.Sources().Where(file => !IsProgram(file))
                .Where(file => !Checkout.Projects().Any(project => file.Path.StartsWith(project.File.Folder + "/", StringComparison.Ordinal)))
                .Select(file => file.Finding(0, "no project compiles this file")),
            "Dead file.");

    [Fact]
    public void No_file_is_empty() =>
        Findings.MustBeNone(
            Checkout.Files("", ".cs", ".csproj", ".props", ".targets", ".md", ".yaml", ".yml", ".json", ".txt", ".conf")
                .Where(file => file.Lines.All(string.IsNullOrWhiteSpace)).Select(file => file.Finding(0, "empty")),
            "Dead file.");

    /// <summary>A program of one file, which says itself what it refers to: <c>dotnet run examples/a/Program.cs</c>.</summary>
    private static bool IsProgram(TextFile file) =>
        file.Folder.StartsWith("examples/", StringComparison.Ordinal) && file.Lines[0].StartsWith("#:project ", StringComparison.Ordinal);

    private static IEnumerable<TextFile> Written() => Checkout.Sources().Where(file => !file.IsGenerated);

    private static IEnumerable<string> WrongTypes(TextFile file)
    {
        string[] types = PublicTypes(file);
        if (types.Length > 1 && !FilesWithSeveralPublicTypes.ContainsKey(file.Path))
        {
            yield return file.Finding(0, $"public types {string.Join(", ", types)}");
        }

        // A part of a type is Softmax.Backward.cs, or Gelu.cs in the folder Elementwise.
        string name = file.Name.Split('.')[0];
        if (types.Length == 1 && types[0] != name && !FilesWithSeveralPublicTypes.ContainsKey(file.Path) &&
            !(IsPart(file, types[0]) && file.Folder.EndsWith("/" + types[0], StringComparison.Ordinal)))
        {
            yield return file.Finding(0, $"holds {types[0]}");
        }
    }

    private static bool IsPart(TextFile file, string type) =>
        file.Lines.Any(line => line.StartsWith("public", StringComparison.Ordinal) && line.Contains($"partial class {type}", StringComparison.Ordinal));

    /// <summary>Types at the outermost level: with file-scoped namespaces they start in column 1.</summary>
    private static string[] PublicTypes(TextFile file) =>
        [.. file.Lines.Select(line => PublicType().Match(line)).Where(match => match.Success).Select(match => match.Groups["name"].Value).Distinct()];

    private static IEnumerable<string> WrongNamespaces(TextFile file)
    {
        string project = file.Path.Split('/')[1];
        bool found = false;
        for (int i = 0; i < file.Lines.Count; i++)
        {
            Match match = Namespace().Match(file.Lines[i]);
            if (!match.Success)
            {
                continue;
            }

            found = true;
            if (match.Groups["name"].Value != project || match.Groups["end"].Value != ";")
            {
                yield return file.Finding(i, $"{file.Lines[i]} (must be: namespace {project};)");
            }
        }

        if (!found && file.Lines.Any(line => AnyType().IsMatch(line)) && file.Name != "Program.cs")
        {
            yield return file.Finding(0, $"no namespace (must be: namespace {project};)");
        }
    }

    [GeneratedRegex(@"^public\s+(?:\w+\s+)*?(?:record\s+struct|record\s+class|class|struct|interface|enum|record|delegate\s+[\w<>\[\],.? ]+?)\s+(?<name>\w+)")]
    private static partial Regex PublicType();

    [GeneratedRegex(@"^(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe|\s)*(?:class|struct|interface|enum|record)\s+\w+")]
    private static partial Regex AnyType();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)\s*(?<end>;?)")]
    private static partial Regex Namespace();
}
