using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DistTrain.Simulation.Tests;

/// <summary>
/// Builds a project with a defect in memory and runs a trial against it, beside the sound one: a load context of its own holds the
/// defective assembly and everything that uses it.
/// </summary>
internal sealed class DefectiveBuild : AssemblyLoadContext
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        [assembly: System.Reflection.AssemblyVersion("0.1.0.0")]
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("DistTrain.Simulation.Tests")]
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("DistTrain.EndToEnd.Tests")]
        """;

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);
    private static readonly Dictionary<string, SyntaxTree> Parsed = [];
    private readonly string project;
    private readonly byte[] assembly;

    private DefectiveBuild(PlannedDefect defect)
        : base(defect.Name, isCollectible: true)
    {
        project = defect.Project;
        assembly = Compile(defect);
    }

    /// <summary>Simulates until the defect is caught.</summary>
    /// <param name="defect">The defect.</param>
    /// <param name="trial">Has a method <c>string Run(int seedsMax)</c>, whose result is this method's.</param>
    /// <param name="seedsMax">Seeds after which it counts as missed.</param>
    public static string Try(PlannedDefect defect, Type trial, int seedsMax)
    {
        var build = new DefectiveBuild(defect);
        try
        {
            Type reloaded = build.LoadFromAssemblyPath(trial.Assembly.Location).GetType(trial.FullName!)!;
            return (string)reloaded.GetMethod("Run")!.Invoke(null, [seedsMax])!;
        }
        finally
        {
            build.Unload();
        }
    }

    /// <summary>Ours are loaded anew, so that nothing of the sound build is used; the rest is shared.</summary>
    protected override System.Reflection.Assembly? Load(System.Reflection.AssemblyName assemblyName) =>
        assemblyName.Name == project ? LoadFromStream(new MemoryStream(assembly))
        : assemblyName.Name!.StartsWith("DistTrain", StringComparison.OrdinalIgnoreCase)
            ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, assemblyName.Name + ".dll"))
        : null;

    private static byte[] Compile(PlannedDefect defect)
    {
        string folder = Path.Combine(PlannedDefect.Root, "src", defect.Project);
        List<SyntaxTree> trees = [CSharpSyntaxTree.ParseText(Usings, Language)];
        foreach (string path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string file = Path.GetRelativePath(PlannedDefect.Root, path).Replace('\\', '/');
            if (!file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            {
                trees.Add(defect.Changes.Any(change => change.File == file) ? Parse(defect.Apply(file, File.ReadAllText(path))) : Sound(path));
            }
        }

        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            defect.Project,
            trees,
            platform.Where(path => Path.GetFileNameWithoutExtension(path) != defect.Project).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));
        using var stream = new MemoryStream();
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(stream);
        if (!result.Success)
        {
            throw new InvalidOperationException(
                $"\"{defect.Name}\" does not build: {result.Diagnostics.First(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)}");
        }

        return stream.ToArray();
    }

    private static SyntaxTree Sound(string path)
    {
        if (!Parsed.TryGetValue(path, out SyntaxTree? tree))
        {
            Parsed[path] = tree = Parse(File.ReadAllText(path));
        }

        return tree;
    }

    private static SyntaxTree Parse(string text) => CSharpSyntaxTree.ParseText(text, Language);
}
