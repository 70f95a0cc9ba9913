using System.Runtime.Versioning;
using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Hosting.Tests;

/// <summary>Who is let in, and what both sides hear when not.</summary>
public sealed class LaneSecurityTests : IDisposable
{
    private static readonly LaneAddress AnyPort = LaneAddress.Tcp("127.0.0.1", 0);
    private static readonly LaneToken Token = LaneToken.Parse("test", "0123456789abcdef");
    private readonly string folder = Directory.CreateTempSubdirectory("lanes").FullName;
    private readonly List<IDisposable> used = [];

    public void Dispose()
    {
        used.ForEach(one => one.Dispose());
        Directory.Delete(folder, recursive: true);
    }

    public static TheoryData<string, LaneRefusalReason, string> Differences() => new()
    {
        { "wire", LaneRefusalReason.WireVersion, "listener has wire version" },
        { "numerics", LaneRefusalReason.NumericsVersion, "listener has numerics version" },
        { "job", LaneRefusalReason.Job, "listener has job job-hash, dialer has other-job" },
        { "data", LaneRefusalReason.Data, "listener has data data-fingerprint, dialer has other-data" },
        { "name", LaneRefusalReason.Node, "both ends are called listener" },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public void A_difference_is_refused_with_its_own_message_on_both_sides(string what, LaneRefusalReason reason, string text)
    {
        LaneIdentity same = LaneIdentity.Of("dialer", LaneEnd.Run, []);
        LaneIdentity other = what switch
        {
            "wire" => same with { WireVersion = same.WireVersion + 1 },
            "numerics" => same with { NumericsVersion = same.NumericsVersion + 1 },
            "job" => same with { JobHash = "other-job" },
            "data" => same with { DataFingerprint = "other-data" },
            _ => same with { Node = "listener" },
        };
        MustBeRefused(new LaneEnd("listener"), new LaneEnd("dialer", identity: other), reason, text);
    }

    [Fact]
    public void Another_token_is_refused() => MustBeRefused(
        new LaneEnd("listener", security: new LaneSecurity { Token = Token }),
        new LaneEnd("dialer", security: new LaneSecurity { Token = LaneToken.Parse("test", "0123456789abcdeF") }),
        LaneRefusalReason.Token,
        "dialer has another join token than listener");

    [Fact]
    public void No_token_where_one_is_needed_is_refused() => MustBeRefused(
        new LaneEnd("listener", security: new LaneSecurity { Token = Token }),
        new LaneEnd("dialer"),
        LaneRefusalReason.Token,
        "wants a join token, and the other side has none");

    [Fact]
    public void A_token_where_none_is_known_is_refused() => MustBeRefused(
        new LaneEnd("listener"),
        new LaneEnd("dialer", security: new LaneSecurity { Token = Token }),
        LaneRefusalReason.Token,
        "has no join token, the other side has one");

    [Fact]
    public void The_same_token_lets_in()
    {
        var security = new LaneSecurity { Token = Token };
        LaneEnd listener = Use(new LaneEnd("listener", security: security)), dialer = Use(new LaneEnd("dialer", security: security));
        dialer.Node.Dial(listener.Node.Listen(AnyPort).Address);
        Assert.Equal("dialer", LaneEnd.Next(listener.Connected).Name);
    }

    [Fact]
    public void A_guest_gets_bytes_of_the_host_and_no_messages()
    {
        LaneEnd listener = Use(new LaneEnd("listener")), guest = Use(new LaneEnd("guest", identity: LaneIdentity.Guest("guest")));
        LanePeer there = guest.Node.Dial(listener.Node.Listen(AnyPort).Address);
        LaneEnd.Next(guest.Connected);
        there.SendBytes(1, [1, 2, 3]);
        Assert.Equal([1, 2, 3], LaneEnd.Next(listener.Bytes).Bytes);
        there.Send(MachineId.Worker(1), MachineId.Coordinator, new LeaveRun(new RunEpoch(1)));
        Assert.Contains("no run was agreed upon", LaneEnd.Next(listener.Broken), StringComparison.Ordinal);
    }

    [Fact]
    public void One_lane_too_many_is_refused_and_comes_in_when_there_is_room()
    {
        LaneEnd listener = Use(new LaneEnd("listener", LaneEnd.Patient with { ConnectionsMax = 1 }));
        LaneEnd first = Use(new LaneEnd("first")), second = Use(new LaneEnd("second"));
        LaneAddress address = listener.Node.Listen(AnyPort).Address;
        LanePeer standing = first.Node.Dial(address);
        LaneEnd.Next(listener.Connected);
        second.Node.Dial(address);
        Assert.Equal(LaneRefusalReason.Crowded, LaneEnd.Next(second.Refused).Reason);
        Assert.Equal(LaneRefusalReason.Crowded, LaneEnd.Next(listener.Refused).Reason);
        standing.Close("room for others");
        Assert.Equal("second", LaneEnd.Next(listener.Connected).Name);
    }

    [Theory]
    [InlineData(true, "give --tls-ca, --tls-cert and --tls-key")]
    [InlineData(false, "a join token is needed")]
    public void Other_hosts_need_TLS_or_a_token_and_a_persons_word(bool secure, string told)
    {
        var security = new LaneSecurity { Insecure = !secure, Token = secure ? Token : null };
        LaneEnd node = Use(new LaneEnd("node", security: security));
        var address = LaneAddress.Tcp("0.0.0.0", 0);
        Assert.Contains(told, Assert.Throws<UserError>(() => node.Node.Listen(address)).Message, StringComparison.Ordinal);
        Assert.Contains(told, Assert.Throws<UserError>(() => node.Node.Dial(LaneAddress.Tcp("192.0.2.1", 7300))).Message, StringComparison.Ordinal);

        LaneEnd both = Use(new LaneEnd("both", security: new LaneSecurity { Insecure = true, Token = Token }));
        Assert.NotEqual(0, both.Node.Listen(address).Address.Port);
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void A_socket_file_is_its_users_alone_and_goes_with_its_listener()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has other permissions.");
        LaneEnd node = Use(new LaneEnd("node"));
        string path = Path.Combine(folder, "inner", "lane.sock");
        File.WriteAllText(Path.Combine(folder, "left-over"), "");
        LaneListener listener = node.Node.Listen(LaneAddress.Unix(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        Assert.Contains("another process listens", Assert.Throws<UserError>(() => node.Node.Listen(LaneAddress.Unix(path))).Message, StringComparison.Ordinal);
        listener.Dispose();
        Assert.False(File.Exists(path));

        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);
        Assert.Contains("other users may enter", Assert.Throws<UserError>(() => node.Node.Listen(LaneAddress.Unix(Path.Combine(folder, "s")))).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void A_token_others_can_read_or_guess_is_refused()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has other permissions.");
        string path = Path.Combine(folder, "token");
        File.WriteAllText(path, LaneToken.NewText() + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("other users can read", Assert.Throws<UserError>(() => LaneToken.FromFile(path)).Message, StringComparison.Ordinal);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.NotNull(LaneToken.FromFile(path));
        Assert.Contains("can be guessed", Assert.Throws<UserError>(() => LaneToken.Parse(LaneToken.Variable, "secret")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_make_what_was_asked_for_and_TLS_in_part_is_refused()
    {
        Assert.Equal(new LaneSecurity(), LaneSecurity.Of(null, null, null, null, "", insecure: false));
        Assert.NotNull(LaneSecurity.Of(null, null, null, null, LaneToken.NewText(), insecure: true).Token);
        Assert.Contains("all three, or none", Assert.Throws<UserError>(() => LaneSecurity.Of("ca.pem", null, "node.key", null, null, false)).Message, StringComparison.Ordinal);
    }

    private void MustBeRefused(LaneEnd listener, LaneEnd dialer, LaneRefusalReason reason, string text)
    {
        Use(listener);
        Use(dialer).Node.Dial(listener.Node.Listen(AnyPort).Address);
        LaneRefusal here = LaneEnd.Next(listener.Refused), there = LaneEnd.Next(dialer.Refused);
        Assert.Equal((reason, reason), (here.Reason, there.Reason));
        Assert.NotEqual(here.ByPeer, there.ByPeer);
        Assert.Equal(here.Text, there.Text);
        Assert.Contains(text, here.Text, StringComparison.Ordinal);
        Assert.Empty(listener.Connected);
        Assert.Empty(dialer.Connected);
    }

    private LaneEnd Use(LaneEnd end)
    {
        used.Add(end);
        return end;
    }
}
