using Akka.Configuration;
using Akka.Configuration.Hocon;
using DistTrain.Tensors;

namespace DistTrain.Cluster.Tests;

public class EnvironmentSettingsTests
{
    [Fact]
    public void A_variable_overrides_the_setting_that_it_names()
    {
        Config config = With(("AKKA__REMOTE__DOT_NETTY__TCP__PORT", "4444"), ("DISTTRAIN__NODE__RUNS", "/a \"b\""), ("DISTTRAIN__RUN__WORKERS", "7"));

        Assert.Equal(4444, config.GetInt("akka.remote.dot-netty.tcp.port"));
        Assert.Equal("/a \"b\"", config.GetString("disttrain.node.runs"));
        Assert.False(config.HasPath("disttrain.run")); // of jobs
    }

    [Fact]
    public void Numbered_variables_are_a_list_in_their_order()
    {
        Config config = With(("AKKA__CLUSTER__SEED_NODES__1", "b"), ("AKKA__CLUSTER__SEED_NODES__0", "a"), ("AKKA__CLUSTER__ROLES__0", "worker"));

        Assert.Equal(["a", "b"], config.GetStringList("akka.cluster.seed-nodes"));
        Assert.Equal(["worker"], NodeSettings.Of(config).Roles);
    }

    [Fact]
    public void Every_setting_of_the_shipped_file_can_be_overridden_by_the_variable_that_its_path_spells()
    {
        (string Path, bool IsList)[] settings = [.. Settings("", ConfigurationFactory.ParseString(NodeConfiguration.Read(ClusterSettings.Shipped("common.conf"))).Root)];
        Assert.Contains(("disttrain.node.tls.authority", false), settings);
        Assert.Contains(("akka.cluster.roles", true), settings);

        Config config = With([.. settings.Select(setting => (Variable(setting.Path) + (setting.IsList ? "__0" : ""), $"of {setting.Path}"))]);

        Assert.All(settings, setting => Assert.Equal(
            $"of {setting.Path}", setting.IsList ? Assert.Single(config.GetStringList(setting.Path)) : config.GetString(setting.Path)));
    }

    [Theory]
    [InlineData("AKKA__CLUSTER__ROLES__0", "boss", "akka.cluster.roles: found boss; allowed: coordinator, server, worker")]
    [InlineData("DISTTRAIN__NODE__LANES__HOSTNAME", "0.0.0.0", "disttrain.node.lanes.hostname: found 0.0.0.0, which nobody can dial")]
    [InlineData("DISTTRAIN__NODE__API__PORT", "many", "disttrain.node.api.port: found \"many\"; allowed: -1 to 65535")]
    [InlineData("DISTTRAIN__NODE__API__HOSTNAME", "10.0.0.1", "disttrain.node.api.hostname: found 10.0.0.1, where others could stop runs")]
    [InlineData("DISTTRAIN__NODE__LANES__HOSTNAME", "10.0.0.1", "10.0.0.1:0: other hosts can reach this address")]
    public void A_wrong_setting_is_named(string variable, string value, string message) =>
        Assert.StartsWith(message, Assert.Throws<UserError>(() => NodeSettings.Of(With((variable, value)))).Message, StringComparison.Ordinal);

    /// <summary>Paths down to what is no group; names of types, which no variable can spell, are left out.</summary>
    private static IEnumerable<(string Path, bool IsList)> Settings(string path, HoconValue value) => value.IsObject()
        ? value.GetObject().Items.Where(item => !item.Key.Contains(',', StringComparison.Ordinal) && !item.Key.Contains('.', StringComparison.Ordinal))
            .SelectMany(item => Settings(path.Length == 0 ? item.Key : $"{path}.{item.Key}", item.Value))
        : [(path, value.IsArray())];

    private static string Variable(string path) => path.ToUpperInvariant().Replace('-', '_').Replace(".", "__", StringComparison.Ordinal);

    private static Config With(params (string Name, string Value)[] variables) => ConfigurationFactory.ParseString(
        NodeConfiguration.Read(ClusterSettings.Shipped("common.conf")) + "\n" + EnvironmentSettings.ToHocon(variables.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))));
}
