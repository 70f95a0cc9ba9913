using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

/// <summary>Peers that are slow, silent or greedy: their lane ends, and nobody else waits.</summary>
public sealed class LaneLimitsTests : IDisposable
{
    private static readonly LaneAddress AnyPort = LaneAddress.Tcp("127.0.0.1", 0);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(40);
    private readonly List<IDisposable> used = [];

    public void Dispose() => used.ForEach(one => one.Dispose());

    [Fact]
    public void A_peer_that_does_not_read_makes_nobody_wait_and_loses_its_lane()
    {
        using var stuck = new ManualResetEventSlim();
        var time = new ManualTime();
        LaneEnd slow = End("slow"), quick = End("quick"), server = End("server", LaneEnd.Patient with { StallMax = TimeSpan.FromMilliseconds(300), KeepAlive = Often, Time = time });
        slow.OnEach = stuck.Wait;
        LanePeer toSlow = server.Node.Dial(slow.Node.Listen(AnyPort).Address), toQuick = server.Node.Dial(quick.Node.Listen(AnyPort).Address);
        for (int i = 0; i < 400; i++)
        {
            Publish(server, toSlow, i);
            Publish(server, toQuick, i);
        }

        for (int i = 0; i < 400; i++)
        {
            ((BlockPublished)LaneEnd.Next(quick.Messages).Message).Weights.Release();
        }

        // The quick one has all; from here on time passes.
        Assert.Empty(server.Broken);
        Assert.Contains("took no byte for 0.3 s", PassTimeUntil(() => server.Broken.TryTake(out string? reason) ? reason : null, time), StringComparison.Ordinal);
        Assert.Empty(slow.Messages);
        stuck.Set();
    }

    [Fact]
    public void What_is_beyond_the_bound_ends_the_lane_and_gives_its_memory_back()
    {
        using var stuck = new ManualResetEventSlim();
        LaneEnd slow = End("slow"), server = End("server", LaneEnd.Patient with { QueuedBytesMax = 4 << 20 });
        slow.OnEach = stuck.Wait;
        LanePeer toSlow = server.Node.Dial(slow.Node.Listen(AnyPort).Address);
        LaneEnd.Next(server.Connected);
        for (int i = 0; i < 4000 && server.Broken.Count == 0; i++)
        {
            Publish(server, toSlow, i);
            Assert.True(toSlow.BytesQueued <= 4 << 20);
        }

        Assert.Contains("does not keep up", LaneEnd.Next(server.Broken), StringComparison.Ordinal);
        stuck.Set();
        Assert.True(SpinWait.SpinUntil(() => server.Pool.BuffersRented == 0, LaneEnd.Patience), $"{server.Pool.BuffersRented} buffers are still held");
    }

    [Fact]
    public void What_still_waits_is_not_queued_a_second_time()
    {
        LaneEnd server = End("server");
        LanePeer nobody = server.Node.Dial(LaneAddress.Tcp("127.0.0.1", 1));
        BlockBuffer gradient = server.Pool.Rent(4096);
        var push = new PushGradient(new RunEpoch(1), new StepNumber(1), new BlockId(1), new SliceRange(0, 1), new RangeStatistics(1, []), gradient);
        nobody.Send(MachineId.Worker(1), MachineId.Server(1), push);
        gradient.Retain();
        nobody.Send(MachineId.Worker(1), MachineId.Server(1), push);
        Assert.Equal((16384, 1), (nobody.BytesQueued, nobody.FramesDropped));
        Assert.True(gradient.IsExclusive);
        gradient.Retain();
        nobody.Send(MachineId.Worker(1), MachineId.Server(2), push);
        Assert.Equal((32768, 1), (nobody.BytesQueued, nobody.FramesDropped));
    }

    [Fact]
    public void What_waits_for_too_long_is_dropped()
    {
        LaneEnd server = End("server", LaneEnd.Patient with { HoldMax = TimeSpan.FromMilliseconds(50), ReconnectMax = TimeSpan.FromMilliseconds(50) });
        LanePeer nobody = server.Node.Dial(LaneAddress.Tcp("127.0.0.1", 1));
        Publish(server, nobody, 1);
        Assert.True(SpinWait.SpinUntil(() => server.Pool.BuffersRented == 0, LaneEnd.Patience));
        Assert.Equal((0, 1), (nobody.BytesQueued, nobody.FramesDropped));
    }

    [Fact]
    public void A_peer_that_falls_silent_is_suspected_and_one_that_only_waits_is_not()
    {
        // One clock for both, which stands until the ping that it made due is answered.
        var time = new ManualTime();
        LaneOptions options = LaneEnd.Patient with { KeepAlive = Often, SilenceMax = TimeSpan.FromMilliseconds(400), Time = time };
        LaneEnd server = End("server", options), idle = End("idle", options);
        LaneAddress address = server.Node.Listen(AnyPort).Address;
        LanePeer there = idle.Node.Dial(address), back = LaneEnd.Next(server.Connected);
        using RawClient silent = Use(RawClient.Shaken(address, "silent"));
        Assert.Equal("silent", LaneEnd.Next(server.Connected).Name);
        for (int i = 0; i < 20; i++)
        {
            (long toIdle, long toServer) = (there.FramesReceived, back.FramesReceived);
            time.Pass(TimeSpan.FromMilliseconds(50));
            Assert.True(SpinWait.SpinUntil(() => there.FramesReceived > toIdle && back.FramesReceived > toServer, LaneEnd.Patience));
        }

        Assert.Contains("nothing was heard for 0.4 s", LaneEnd.Next(server.Broken), StringComparison.Ordinal);
        Assert.True(there.IsConnected && back.IsConnected);
        Assert.Empty(server.Broken);
        Assert.Empty(idle.Broken);
    }

    [Fact]
    public void A_handshake_that_is_slow_ends_however_many_bytes_it_drips()
    {
        LaneEnd server = End("server", LaneEnd.Patient with { HandshakeMax = TimeSpan.FromMilliseconds(200), KeepAlive = Often });
        using RawClient dripping = Use(new RawClient(server.Node.Listen(AnyPort).Address));
        byte[] greeting = [(byte)FrameKind.Greeting, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        dripping.Send(greeting);
        LaneRefusal? refusal;
        while (!server.Refused.TryTake(out refusal, millisecondsTimeout: 1) && dripping.Send([0x93]))
        {
        }

        Assert.Contains("the handshake took longer than 0.2 s", (refusal ?? LaneEnd.Next(server.Refused)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_half_open_connections_do_not_keep_an_honest_one_out()
    {
        LaneEnd server = End("server", LaneEnd.Patient with { HalfOpenMax = 4 }), honest = End("honest");
        LaneAddress address = server.Node.Listen(AnyPort).Address;
        for (int i = 0; i < 20; i++)
        {
            Use(new RawClient(address));
        }

        // The oldest were let go for the newest; the honest one is always the newest when it comes.
        honest.Node.Dial(address);
        Assert.Equal("honest", LaneEnd.Next(server.Connected).Name);
        Assert.Equal("too many handshakes at once", LaneEnd.Next(server.Refused).Text);
    }

    [Theory]
    [InlineData("47455420", "begins no frame")]
    [InlineData("d1000000ffff00000000000000000000", "a head of 65535 bytes")]
    [InlineData("d5000000000000000000000000000000", "Message where Greeting is expected")]
    [InlineData("d1000000010000000000000000000000c0", "is not the head of an array")]
    public void What_is_no_handshake_is_refused_with_what_was_found(string hexadecimal, string told)
    {
        LaneEnd server = End("server");
        using RawClient stranger = Use(new RawClient(server.Node.Listen(AnyPort).Address));
        stranger.Send(Convert.FromHexString(hexadecimal.PadRight(32, '0')));
        LaneRefusal refusal = LaneEnd.Next(server.Refused);
        Assert.Equal(LaneRefusalReason.Handshake, refusal.Reason);
        Assert.Contains(told, refusal.Text, StringComparison.Ordinal);
        Assert.True(stranger.WaitForEnd());
    }

    [Theory]
    [InlineData("d600000000000000040000000400000000000000", "not the one under way")]
    [InlineData("d5000000ffffff7f0000000000000000", "a head of 2147483647 bytes")]
    [InlineData("d500000004000000000000fc000000fc", "a run of 4227858432")]
    [InlineData("d500000004000000000000000400000000000000", "0 of a run of 4")]
    [InlineData("d70000000000080000000000", "a head of 524288 bytes")]
    [InlineData("d8000000040000000000000000000000", "Ping where messages are expected")]
    [InlineData("d5000000010000000000000000000000c0", "is not the head of an array")]
    [InlineData("d50000000a00000000000000000000009392010292010392ccff", "is not the head of an integer")]
    public void What_is_no_frame_ends_the_lane_with_what_was_found(string hexadecimal, string told)
    {
        LaneEnd server = End("server");
        using RawClient liar = Use(RawClient.Shaken(server.Node.Listen(AnyPort).Address, "liar"));
        liar.Send(Convert.FromHexString(hexadecimal.PadRight(32, '0')));
        Assert.Contains(told, LaneEnd.Next(server.Broken), StringComparison.Ordinal);
        Assert.True(liar.WaitForEnd());
        Assert.Equal(0, server.Pool.BuffersRented);
    }

    /// <summary>A little at a time, until something has come of it.</summary>
    private static T PassTimeUntil<T>(Func<T?> found, ManualTime time)
        where T : class
    {
        T? result = null;
        Assert.True(SpinWait.SpinUntil(() =>
        {
            time.Pass(TimeSpan.FromMilliseconds(10));
            return (result = found()) is not null;
        }, LaneEnd.Patience));
        return result!;
    }

    private static void Publish(LaneEnd from, LanePeer to, int version)
    {
        BlockBuffer weights = from.Pool.Rent(ProtocolLimits.BlockFloatsMax);
        to.Send(MachineId.Server(0), MachineId.Worker(0), new BlockPublished(new RunEpoch(1), new BlockId(0), new WeightVersion(version), weights));
    }

    private LaneEnd End(string name, LaneOptions? options = null) => Use(new LaneEnd(name, options));

    private T Use<T>(T one)
        where T : IDisposable
    {
        used.Add(one);
        return one;
    }
}
