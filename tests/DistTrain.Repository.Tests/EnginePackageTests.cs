using System.Xml.Linq;

namespace DistTrain.Repository.Tests;

/// <summary>Akka.NET's and MessagePack's packages reach projects through one list, which the probe restores as a whole.</summary>
public class EnginePackageTests
{
    private static readonly string[] Users = ["DistTrain.Cluster", "DistTrain.Cluster.Tests"];

    [Fact]
    public void Engine_packages_belong_to_the_cluster_engine_and_its_tests() =>
        Findings.MustBeNone(
            from package in XDocument.Load(Path.Combine(Checkout.Root, "src/DistTrain.Cluster/probe/EnginePackages.props")).Descendants("EnginePackage")
            let name = package.Attribute("Include")!.Value
            where !Users.Contains(package.Attribute("Project")?.Value) ||
                !(name.StartsWith("Akka.", StringComparison.Ordinal) || name.StartsWith("MessagePack", StringComparison.Ordinal))
            select $"src/DistTrain.Cluster/probe/EnginePackages.props: {package}",
            "Only what a source may lack is probed for; everything else is an ordinary PackageReference.");
}
