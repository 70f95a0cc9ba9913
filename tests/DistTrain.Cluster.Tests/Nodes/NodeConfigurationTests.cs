using Akka.Configuration;
using DistTrain.Tensors;

namespace DistTrain.Cluster.Tests;

public class NodeConfigurationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("disttrain-conf-").FullName;

    public static TheoryData<string> ShippedFiles =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "cluster-config"), "*.conf").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(ShippedFiles))]
    public void Every_file_of_cluster_config_parses_and_makes_a_cluster_member(string name)
    {
        Config config = ConfigurationFactory.ParseString(NodeConfiguration.Read(Path.Combine(AppContext.BaseDirectory, "cluster-config", name)));

        Assert.Equal("cluster", config.GetString("akka.actor.provider"));
        Assert.NotEmpty(config.GetString("akka.cluster.split-brain-resolver.active-strategy"));
    }

    [Fact]
    public void An_include_is_found_beside_its_file_and_may_be_overridden_after_it()
    {
        Directory.CreateDirectory(Path.Combine(folder, "inner"));
        File.WriteAllText(Path.Combine(folder, "inner", "base.conf"), "a = 1\nb = 1\n");
        File.WriteAllText(Path.Combine(folder, "node.conf"), "include \"inner/base.conf\"\nb = 2\n");

        Config config = ConfigurationFactory.ParseString(NodeConfiguration.Read(Path.Combine(folder, "node.conf")));

        Assert.Equal(1, config.GetInt("a"));
        Assert.Equal(2, config.GetInt("b"));
    }

    [Fact]
    public void A_missing_include_is_named_with_file_and_line()
    {
        string path = Path.Combine(folder, "node.conf");
        File.WriteAllText(path, "a = 1\ninclude \"gone.conf\"\n");

        UserError error = Assert.Throws<UserError>(() => NodeConfiguration.Read(path));

        Assert.StartsWith($"{path}:2: no file ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_includes_itself_is_refused()
    {
        string path = Path.Combine(folder, "node.conf");
        File.WriteAllText(path, "include \"node.conf\"\n");

        Assert.Throws<UserError>(() => NodeConfiguration.Read(path));
    }

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
