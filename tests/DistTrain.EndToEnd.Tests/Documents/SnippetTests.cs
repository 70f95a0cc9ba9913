using DistTrain.Training;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DistTrain.EndToEnd.Tests;

/// <summary>
/// What documents and examples show besides commands: programs compile, jobs are jobs. Commands are the business of CommandBlockTests,
/// which run them, and of DocumentedCommandTests, which parse them.
/// </summary>
public class SnippetTests
{
    /// <summary>Its program needs an assembly that isn't here; NodeDocumentTests compile and run it.</summary>
    private const string NodesPage = "docs/cluster.md";

    /// <summary>What ImplicitUsings gives a program, and what a snippet leaves out.</summary>
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private const string SnippetUsings = """
        global using DistTrain.Data;
        global using DistTrain.Graph;
        global using DistTrain.Hosting;
        global using DistTrain.Tensors;
        global using DistTrain.Training;
        """;

    private static readonly CSharpParseOptions Language =
        new CSharpParseOptions(LanguageVersion.Latest).WithFeatures([new KeyValuePair<string, string>("FileBasedProgram", "true")]);

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).Contains("xunit", StringComparison.OrdinalIgnoreCase))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static TheoryData<string> Programs =>
    [
        .. Directory.GetFiles(Path.Combine(BuiltCommand.RepositoryRoot, "examples"), "*.cs", SearchOption.AllDirectories).Select(Relative).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> PagesWithCSharp => [.. Pages().Where(page => page != NodesPage && Blocks(page, "csharp").Any())];

    public static TheoryData<string> PagesWithJobs => [.. Pages().Where(page => Blocks(page, "yaml").Any())];

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_of_an_example_compiles(string path) => MustCompile(path, Usings, File.ReadAllText(Absolute(path)));

    /// <summary>A page's blocks are one program: statements come before the types that they use.</summary>
    [Theory]
    [MemberData(nameof(PagesWithCSharp))]
    public void The_csharp_of_a_page_compiles(string page) => MustCompile(
        page,
        Usings + "\n" + SnippetUsings,
        string.Join("\n\n", Blocks(page, "csharp").OrderBy(block => block.Contains(" class ", StringComparison.Ordinal))));

    [Theory]
    [MemberData(nameof(PagesWithJobs))]
    public void The_jobs_of_a_page_are_read_without_complaint(string page) => Assert.All(Blocks(page, "yaml"), job => Assert.NotNull(JobFile.Parse(job, page)));

    [Fact]
    public void What_doesnt_compile_is_seen() => Assert.Contains(
        "Dense", Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => MustCompile("a.cs", Usings, "var layer = new Dense(\"ten\");")).Message, StringComparison.Ordinal);

    private static void MustCompile(string name, string usings, string source)
    {
        var compilation = CSharpCompilation.Create(
            "snippet",
            [CSharpSyntaxTree.ParseText(usings, Language), CSharpSyntaxTree.ParseText(source, Language, name)],
            References,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        string[] wrong = [.. compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).Select(diagnostic => diagnostic.ToString())];

        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<string> Pages() =>
    [
        "README.md",
        .. new[] { "docs", "examples", "benchmarks", "src" }
            .SelectMany(folder => Directory.GetFiles(Absolute(folder), "*.md", SearchOption.AllDirectories)).Select(Relative).Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Blocks(string page, string language)
    {
        var block = new List<string>();
        bool inside = false, wanted = false;
        foreach (string line in File.ReadAllLines(Absolute(page)))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                if (wanted)
                {
                    yield return string.Join('\n', block);
                }

                inside = !inside;
                wanted = inside && line == $"```{language}";
                block.Clear();
            }
            else if (wanted)
            {
                block.Add(line);
            }
        }
    }

    private static string Absolute(string path) => Path.Combine(BuiltCommand.RepositoryRoot, path);

    private static string Relative(string path) => Path.GetRelativePath(BuiltCommand.RepositoryRoot, path).Replace('\\', '/');
}
