using System.IO.Compression;

namespace DistTrain.Repository.Tests;

/// <summary>
/// The projects of the cluster engine, copied to a folder of their own with a package source of their own. What they refer to
/// is replaced by empty projects, and no source file is copied: these are tests of restore and evaluation.
/// </summary>
internal sealed class EngineCopy : IDisposable
{
    /// <summary>A version that no real package has, so that nothing on this machine can stand in.</summary>
    public const string Version = "99.0.1";

    private static readonly string[] Akka = ["Akka.Cluster", "Akka.Cluster.Tools", "Akka.TestKit.Xunit2"];

    private readonly string root = Directory.CreateTempSubdirectory("disttrain-engine-").FullName;

    private readonly Dictionary<string, string?> environment;

    /// <param name="akkaVersion">What the source holds; null for an empty source.</param>
    /// <param name="sourceExists">False for a source that cannot be read.</param>
    public EngineCopy(string? akkaVersion, bool sourceExists = true)
    {
        foreach (TextFile file in Checkout.Files("", ".csproj", ".props", ".targets", ".proj", "global.json", ".editorconfig").Where(IsCopied))
        {
            Directory.CreateDirectory(In(file.Folder));
            File.Copy(Path.Combine(Checkout.Root, file.Path), In(file.Path));
        }

        Stub("src/DistTrain.Hosting");
        Stub("tests/DistTrain.TestKit");
        if (sourceExists)
        {
            Directory.CreateDirectory(In("source"));
        }

        if (akkaVersion is not null)
        {
            foreach (string package in Akka)
            {
                WritePackage(package, akkaVersion);
            }

            WritePackage("MessagePack", MessagePackVersion());
        }

        environment = new()
        {
            ["AkkaVersion"] = Version,
            ["RestoreSources"] = In("source"),
            ["RestoreAdditionalProjectSources"] = null,
            // Packages of this test must not reach the machine's; those that are there (xunit, analyzers) may be used.
            ["NUGET_PACKAGES"] = In("packages"),
            ["RestoreFallbackFolders"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
        };
    }

    public bool IsRecorded => File.Exists(In("ClusterEngine.local.props"));

    public FinishedCommand Run(params string[] arguments) => DotNet.Run(root, environment, arguments);

    /// <summary>Whether the last restore gave <paramref name="project"/> the package.</summary>
    public bool Has(string project, string package) =>
        File.ReadAllText(In($"{project}/obj/project.assets.json")).Contains($"\"{package}/", StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(root, recursive: true);

    private static bool IsCopied(TextFile file) =>
        file.Folder is "" or "src" or "tests" ||
        file.Folder.StartsWith("src/DistTrain.Cluster", StringComparison.Ordinal) || file.Folder == "src/DistTrain.Node" || file.Folder == "tests/DistTrain.Cluster.Tests";

    private static string MessagePackVersion() =>
        new TextFile("Directory.Packages.props").Lines.Single(line => line.Contains("\"MessagePack\"", StringComparison.Ordinal)).Split('"')[3];

    private string In(string path) => Path.Combine(root, path);

    private void Stub(string folder)
    {
        Directory.CreateDirectory(In(folder));
        File.WriteAllText(In($"{folder}/{Path.GetFileName(folder)}.csproj"), """<Project Sdk="Microsoft.NET.Sdk" />""");
    }

    /// <summary>A package with a name, a version and nothing inside.</summary>
    private void WritePackage(string id, string version)
    {
        using ZipArchive archive = ZipFile.Open(In($"source/{id}.{version}.nupkg"), ZipArchiveMode.Create);
        using (StreamWriter manifest = new(archive.CreateEntry($"{id}.nuspec").Open()))
        {
            manifest.Write($"""
                <?xml version="1.0"?>
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
                  <metadata><id>{id}</id><version>{version}</version><authors>none</authors><description>Stands in for {id}.</description></metadata>
                </package>
                """);
        }

        archive.CreateEntry("lib/net10.0/_._");
    }
}
