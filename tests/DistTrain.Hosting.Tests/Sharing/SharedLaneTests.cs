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

    [SharedMemoryFact]
    public void Who_watches_reads_messages_itself_and_nobody_else_is_woken_for_them_until_it_ends()
    {
        var watch = new InboxWatch();
        (LanePeer there, LaneEnd server) = Connect(LaneAddress.Unix(Path.Combine(folder, "s")), watch: watch);
        int reader = 0;
        server.OnEach = () => reader = Environment.CurrentManagedThreadId;
        watch.Begin();
        for (int i = 0; i < 100; i++)
        {
            // Bytes of the host go through the socket, behind the message: by the time their echo is there, a bell would have been, too.
            Send(there, Rent(i));
            Await(there);
            Assert.Empty(server.Messages);
            Assert.True(watch.Look());
            Assert.Equal(Environment.CurrentManagedThreadId, reader);
            LaneEnd.Next(server.Messages).Message.Payload!.Release();
            Assert.False(watch.Look());
        }

        // What came before the end is read at the end, and what comes later by the lane.
        Send(there, Rent(1));
        watch.End();
        Assert.Equal(Environment.CurrentManagedThreadId, reader);
        LaneEnd.Next(server.Messages).Message.Payload!.Release();
        Sent(there, server, Rent(2)).Release();
        Assert.NotEqual(Environment.CurrentManagedThreadId, reader);
    }

    [SharedMemoryFact]
    public async Task Nothing_is_lost_while_watchers_come_and_go()
    {
        const int Count = 20_000;
        var watch = new InboxWatch { MaySpin = true };
        (LanePeer there, LaneEnd server) = Connect(LaneAddress.Unix(Path.Combine(folder, "s")), watch: watch);
        server.KeepsMessages = false;
        bool ended = false;
        Task[] watchers = [.. Enumerable.Range(0, 3).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            while (!Volatile.Read(ref ended))
            {
                watch.Begin();
                int looks = random.Next(5);
                using (InboxWatch.SleepUnless(watch, () => looks-- == 0))
                {
                    Thread.SpinWait(random.Next(500));
                }

                watch.End();
                Thread.SpinWait(random.Next(500));
            }
        }))];
        for (int i = 0; i < Count; i++)
        {
            there.Send(MachineId.Server(2), MachineId.Worker(1), new GradientAccepted(new RunEpoch(1), new StepNumber(i), new BlockId(1), new SliceRange(0, 1), new WeightVersion(1)));
            if (i % 100 == 0)
            {
                // Everybody sleeps or has ended at some time: only a bell that was never missed brings the rest.
                Assert.True(SpinWait.SpinUntil(() => server.MessagesSeen == i + 1, LaneEnd.Patience), $"{server.MessagesSeen} of {i + 1}");
            }
        }

        Assert.True(SpinWait.SpinUntil(() => server.MessagesSeen == Count, LaneEnd.Patience), $"{server.MessagesSeen} of {Count}");
        Volatile.Write(ref ended, true);
        await Task.WhenAll(watchers).WaitAsync(LaneEnd.Patience);
        Assert.False(watch.IsWatched);
        Assert.Empty(server.Broken);
    }

    [SharedMemoryFact]
    public void A_watcher_that_finds_nonsense_ends_the_lane_and_goes_on()
    {
        var watch = new InboxWatch();
        (LanePeer there, LaneEnd server) = Connect(LaneAddress.Unix(Path.Combine(folder, "s")), watch: watch);
        server.OnEach = static () => throw new InvalidDataException("what nobody understands");
        watch.Begin();
        Send(there, Rent(1));
        Await(there);
        watch.Look();
        Assert.Contains("what nobody understands", LaneEnd.Next(server.Broken));
        watch.End();
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

    private (LanePeer There, LaneEnd Server) Connect(LaneAddress address, LaneTls? tls = null, InboxWatch? watch = null)
    {
        var security = new LaneSecurity { Tls = tls };
        var server = new LaneEnd("server", security: security, watch: watch);
        var worker = new LaneEnd("worker", security: security, arena: arena);
        ends.AddRange([worker, server]);
        LanePeer there = worker.Node.Dial(server.Node.Listen(address).Address);
        LaneEnd.Next(worker.Connected);
        Await(there);
        return (there, server);
    }
}
