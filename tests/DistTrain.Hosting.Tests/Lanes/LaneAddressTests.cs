using DistTrain.Tensors;

namespace DistTrain.Hosting.Tests;

public class LaneAddressTests
{
    [Theory]
    [InlineData("unix:/run/lane.sock", true)]
    [InlineData("localhost:7300", true)]
    [InlineData("127.0.0.2:1", true)]
    [InlineData("[::1]:65535", true)]
    [InlineData("192.168.0.7:0", false)]
    [InlineData("node-a.example:7300", false)]
    [InlineData("0.0.0.0:7300", false)]
    [InlineData("[::]:7300", false)]
    public void What_is_written_is_read_and_only_this_host_counts_as_local(string text, bool local)
    {
        var address = LaneAddress.Parse("--listen", text);
        Assert.Equal((text, local), (address.ToString(), address.IsLocal));
    }

    [Theory]
    [InlineData("unix:", "without a path")]
    [InlineData("host", "allowed: unix:PATH, or HOST:PORT")]
    [InlineData(":7300", "allowed: unix:PATH, or HOST:PORT")]
    [InlineData("::1:7300", "[::1]:7300")]
    [InlineData("[host]:7300", "allowed: unix:PATH, or HOST:PORT")]
    [InlineData("host:65536", "found port \"65536\"")]
    [InlineData("host:-1", "found port \"-1\"")]
    [InlineData("host:", "found port \"\"")]
    public void What_is_no_address_is_told_with_what_is_allowed(string text, string told)
    {
        UserError error = Assert.Throws<UserError>(() => LaneAddress.Parse("--listen", text));
        Assert.StartsWith("--listen: found ", error.Message, StringComparison.Ordinal);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_too_long_for_a_socket_is_told_before_it_is_used() =>
        Assert.Contains("104 bytes", Assert.Throws<UserError>(() => LaneAddress.Unix(new string('a', 104))).Message, StringComparison.Ordinal);
}
