using Akka.Configuration;
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

    [Theory]
    [InlineData("AKKA__CLUSTER__ROLES__0", "boss", "akka.cluster.roles: found boss; allowed: coordinator, server, worker")]
    [InlineData("DISTTRAIN__NODE__LANES__HOSTNAME", "0.0.0.0", "disttrain.node.lanes.hostname: found 0.0.0.0, which nobody can dial")]
    [InlineData("DISTTRAIN__NODE__API__PORT", "many", "disttrain.node.api.port: found \"many\"; allowed: -1 to 65535")]
    [InlineData("DISTTRAIN__NODE__API__HOSTNAME", "10.0.0.1", "disttrain.node.api.hostname: found 10.0.0.1, where others could stop runs")]
    [InlineData("DISTTRAIN__NODE__LANES__HOSTNAME", "10.0.0.1", "10.0.0.1:0: other hosts can reach this address")]
    public void A_wrong_setting_is_named(string variable, string value, string message) =>
        Assert.StartsWith(message, Assert.Throws<UserError>(() => NodeSettings.Of(With((variable, value)))).Message, StringComparison.Ordinal);

    private static Config With(params (string Name, string Value)[] variables) => ConfigurationFactory.ParseString(
        NodeConfiguration.Read(ClusterSettings.Shipped("common.conf")) + "\n" + EnvironmentSettings.ToHocon(variables.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))));
}
