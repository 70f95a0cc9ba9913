using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public sealed class SharedLaneTests : IDisposable
{
    private const int Floats = 20_000;
    private readonly string folder = Directory.CreateTempSubdirectory("lanes").FullName;
    private readonly SharedArena arena = new();
    private readonly List<LaneEnd> ends = [];
    private int returned;

    public void Dispose()
    {
        ends.ForEach(end => end.Dispose());
        Directory.Delete(folder, recursive: true);
    }

    [SharedMemoryFact]
    public void Over_a_socket_of_the_host_floats_are_read_where_the_sender_wrote_them_and_come_back()
    {
        (LanePeer there, LaneEnd server) = Connect(LaneAddress.Unix(Path.Combine(folder, "s")));
        for (int i = 0; i < 100; i++)
        {
            BlockBuffer arrived = Sent(there, server, Rent(i));
            Assert.True(SharedArena.TryFind(arrived, out _, out _));
            Assert.Equal([.. Enumerable.Repeat((float)i, Floats)], arrived.Span.ToArray());
            arrived.Release();
            arena.Reclaim();
            Assert.Equal(i + 1, returned);
        }
    }

    [SharedMemoryFact]
    public void Floats_that_the_receiver_wants_somewhere_are_copied_there_and_come_back_at_once()
    {
        (LanePeer there, LaneEnd server) = Connect(LaneAddress.Unix(Path.Combine(folder, "s")));
        BlockBuffer wanted = server.Pool.Rent(Floats);
        server.Place = (_, _) => wanted;
        Assert.Same(wanted, Sent(there, server, Rent(3)));
        Assert.Equal([.. Enumerable.Repeat(3f, Floats)], wanted.Span.ToArray());
        arena.Reclaim();
        Assert.Equal(1, returned);
    }

    /// <summary>As a server hands a block on that it has from another one.</summary>
    [SharedMemoryFact]
    public void Floats_of_one_process_are_sent_when_another_passes_them_on()
    {
        (LanePeer there, LaneEnd server) = Connect(LaneAddress.Unix(Path.Combine(folder, "s")));
        (LanePeer onwards, LaneEnd third) = Connect(LaneAddress.Unix(Path.Combine(folder, "t")));
        BlockBuffer theirs = Sent(there, server, Rent(5));
        BlockBuffer passedOn = Sent(onwards, third, theirs);
        Assert.False(SharedArena.TryFind(passedOn, out _, out _));
        Assert.Equal([.. Enumerable.Repeat(5f, Floats)], passedOn.Span.ToArray());

        // Its only reference went with the last byte, which its sender may notice later than who reads it.
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                arena.Reclaim();
                return returned == 1;
            },
            LaneEnd.Patience));
    }

    [SharedMemoryFact]
    public void Between_hosts_and_under_TLS_floats_are_sent()
    {
        (LanePeer tcp, LaneEnd server) = Connect(LaneAddress.Tcp("127.0.0.1", 0));
        Assert.False(SharedArena.TryFind(Sent(tcp, server, Rent(1)), out _, out _));

        using LaneTls tls = CertificateFolderTests.Certified(folder);
        (LanePeer encrypted, LaneEnd other) = Connect(LaneAddress.Unix(Path.Combine(folder, "t")), tls);
        Assert.False(SharedArena.TryFind(Sent(encrypted, other, Rent(1)), out _, out _));
    }

    [SharedMemoryFact]
    public void What_a_broken_lane_left_unread_comes_back_and_the_next_lane_shares_again()
    {
        (LanePeer there, LaneEnd server) = Connect(LaneAddress.Unix(Path.Combine(folder, "s")));
        using var reading = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        server.OnEach = () =>
        {
            reading.Set();
            goOn.Wait(LaneEnd.Patience);
        };
        for (int i = 0; i < 3; i++)
        {
            Send(there, Rent(i));
        }

        // The first is read, and held up; the connection ends before the others are.
        Assert.True(reading.Wait(LaneEnd.Patience));
        LanePeer back = LaneEnd.Next(server.Connected);
        back.Close("for a change");
        goOn.Set();
        server.OnEach = static () => { };
        LaneEnd.Next(server.Broken);
        while (server.Messages.TryTake(out (MachineId From, MachineId To, Message Message) arrived))
        {
            arrived.Message.Payload!.Release();
        }

        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                arena.Reclaim();
                return returned == 3;
            },
            LaneEnd.Patience));
        LaneEnd.Next(server.Connected);
        Await(there);
        Assert.True(SharedArena.TryFind(Sent(there, server, Rent(4)), out _, out _));
    }

    private static void Send(LanePeer there, BlockBuffer buffer) => there.Send(
        MachineId.Server(2), MachineId.Worker(1), new BlockPublished(new RunEpoch(1), new BlockId(3), new WeightVersion(9), buffer));

    private static BlockBuffer Sent(LanePeer there, LaneEnd server, BlockBuffer buffer)
    {
        Send(there, buffer);
        return LaneEnd.Next(server.Messages).Message.Payload!;
    }

    /// <summary>Until an offer that was made before is answered: an echo comes back behind it.</summary>
    private void Await(LanePeer there)
    {
        there.SendBytes(LaneEnd.EchoChannel, [1]);
        LaneEnd.Next(ends.First(end => end.Node.Peers.Contains(there)).Bytes);
    }

    private BlockBuffer Rent(float value)
    {
        var buffer = new BlockBuffer(arena.Allocate(Floats), _ => Interlocked.Increment(ref returned));
        buffer.Span.Fill(value);
        return buffer;
    }

    private (LanePeer There, LaneEnd Server) Connect(LaneAddress address, LaneTls? tls = null)
    {
        var security = new LaneSecurity { Tls = tls };
        var server = new LaneEnd("server", security: security);
        var worker = new LaneEnd("worker", security: security, arena: arena);
        ends.AddRange([worker, server]);
        LanePeer there = worker.Node.Dial(server.Node.Listen(address).Address);
        LaneEnd.Next(worker.Connected);
        Await(there);
        return (there, server);
    }
}
