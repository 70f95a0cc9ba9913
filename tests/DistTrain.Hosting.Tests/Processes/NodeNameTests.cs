namespace DistTrain.Hosting.Tests;

public class NodeNameTests
{
    [Fact]
    public void What_is_written_is_read_and_each_run_has_another_name()
    {
        var name = new NodeName(17, NodeName.NewRun());
        Assert.Equal(name, NodeName.Parse($"{name}"));
        Assert.NotEqual(name.Run, NodeName.NewRun());
        Assert.InRange($"{name with { Number = int.MaxValue }}".Length, 1, LaneIdentity.NodeCharactersMax);
    }

    [Theory]
    [InlineData("guest-1")]
    [InlineData("node-1")]
    [InlineData("node--1@a")]
    [InlineData("node-99999999999@a")]
    [InlineData("node-@a")]
    [InlineData("@node-1")]
    public void Others_name_no_node(string text) => Assert.Null(NodeName.Parse(text));
}
