using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public sealed class LaneNodeTests : IDisposable
{
    private static readonly LaneAddress AnyPort = LaneAddress.Tcp("127.0.0.1", 0);
    private readonly string folder = Directory.CreateTempSubdirectory("lanes").FullName;
    private readonly LaneEnd server = new("server");
    private readonly LaneEnd worker = new("worker");

    public void Dispose()
    {
        worker.Dispose();
        server.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Messages_arrive_as_they_were_sent_in_both_directions(bool unix)
    {
        LanePeer there = Connect(unix);
        LanePeer back = LaneEnd.Next(server.Connected);
        Assert.Equal(("worker", "server"), (back.Name, there.Name));
        Assert.Equal([MachineId.Worker(1)], back.Identity!.Machines);

        for (int floats = 1; floats <= ProtocolLimits.BlockFloatsMax; floats *= 4)
        {
            BlockBuffer gradient = worker.Pool.Rent(floats);
            Fill(gradient, floats);
            var push = new PushGradient(new RunEpoch(3), new StepNumber(7), new BlockId(5), new SliceRange(2, 2), new RangeStatistics(4, [0.5f]), gradient);
            there.Send(MachineId.Worker(1), MachineId.Server(2), push);

            (MachineId from, MachineId to, Message message) = LaneEnd.Next(server.Messages);
            var arrived = Assert.IsType<PushGradient>(message);
            Assert.Equal((MachineId.Worker(1), MachineId.Server(2)), (from, to));
            Assert.Equal(push with { Gradient = arrived.Gradient }, arrived);
            Assert.Equal(Expected(floats), arrived.Gradient.Span.ToArray());
            arrived.Gradient.Release();

            back.Send(to, from, new GradientAccepted(push.Epoch, push.Step, push.Block, push.Range, new WeightVersion(7)));
            Assert.IsType<GradientAccepted>(LaneEnd.Next(worker.Messages).Message);
        }

        // Every payload is given back when it was written, which may be noticed after it has arrived, and when it was received.
        Assert.True(SpinWait.SpinUntil(() => (worker.Pool.BuffersRented, server.Pool.BuffersRented) == (0, 0), LaneEnd.Patience));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_moved_block_of_the_largest_size_arrives_in_pieces_with_control_frames_between(bool unix)
    {
        LanePeer there = Connect(unix);
        const int Floats = (2 + ProtocolLimits.SlotsMax) * ProtocolLimits.BlockFloatsMax;
        for (int i = 0; i < 4; i++)
        {
            BlockBuffer state = worker.Pool.Rent(Floats);
            Fill(state, i);
            there.Send(MachineId.Server(1), MachineId.Server(2), new BlockMoved(new RunEpoch(1), new BlockId(i), new WeightVersion(3), true, 1, state));
            there.Send(MachineId.Worker(1), MachineId.Server(2), new LeaveRun(new RunEpoch(1)));
        }

        List<Message> all = [.. Enumerable.Range(0, 8).Select(_ => LaneEnd.Next(server.Messages).Message)];
        Assert.Equal(4, all.OfType<LeaveRun>().Count());
        Assert.All(all.OfType<BlockMoved>(), moved => Assert.Equal(Expected(moved.Block.Value, Floats), moved.State.Span.ToArray()));
    }

    [Fact]
    public void What_can_wait_goes_out_with_the_next_that_can_not_or_when_all_is_flushed()
    {
        LanePeer there = Connect(unix: true);
        static LeaveRun Said(int number) => new(new RunEpoch(number));
        void Later(int number, bool isUrgent) => there.SendLater(MachineId.Worker(1), MachineId.Server(2), Said(number), isUrgent);
        void Arrived(params int[] numbers) => Assert.All(numbers, number => Assert.Equal(Said(number), LaneEnd.Next(server.Messages).Message));

        // What waits when the lane begins to stand goes out at once.
        LaneEnd.Next(worker.Connected);
        long framesBefore = there.FramesSent;
        Later(1, isUrgent: false);
        there.Flush(all: false);
        Later(2, isUrgent: true);
        Assert.Equal((framesBefore, 0), (there.FramesSent, server.Messages.Count));
        there.Flush(all: false);
        Arrived(1, 2);

        Later(3, isUrgent: false);
        there.Flush(all: true);
        Arrived(3);

        Later(4, isUrgent: false);
        there.Send(MachineId.Worker(1), MachineId.Server(2), Said(5));
        Arrived(4, 5);
    }

    [Fact]
    public void Floats_are_received_where_the_handler_wants_them()
    {
        LanePeer there = Connect(unix: true);
        BlockBuffer wanted = server.Pool.Rent(5000), weights = worker.Pool.Rent(5000);
        Fill(weights, 5);
        server.Place = (head, floats) => MessageCodec.DecodePublished(head) == (new BlockId(3), new WeightVersion(9)) && floats == 5000 ? wanted : null;
        there.Send(MachineId.Server(2), MachineId.Worker(1), new BlockPublished(new RunEpoch(1), new BlockId(3), new WeightVersion(9), weights.Retain()));
        Assert.Same(wanted, LaneEnd.Next(server.Messages).Message.Payload);
        Assert.Equal(weights.Span.ToArray(), wanted.Span.ToArray());

        there.Send(MachineId.Server(2), MachineId.Worker(1), new BlockPublished(new RunEpoch(1), new BlockId(4), new WeightVersion(9), weights));
        Assert.NotSame(wanted, LaneEnd.Next(server.Messages).Message.Payload);
    }

    [Fact]
    public void Bytes_of_the_host_arrive_on_their_channel()
    {
        LanePeer there = Connect(unix: true);
        byte[] bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];
        there.SendBytes(12, bytes);
        (int channel, byte[] arrived) = LaneEnd.Next(server.Bytes);
        Assert.Equal(12, channel);
        Assert.Equal(bytes, arrived);
        there.SendBytes(65535, []);
        (channel, arrived) = LaneEnd.Next(server.Bytes);
        Assert.Equal(65535, channel);
        Assert.Empty(arrived);
    }

    [Fact]
    public void What_is_sent_before_the_lane_stands_waits_for_it()
    {
        LaneAddress address = LaneAddress.Unix(Path.Combine(folder, "late"));
        LanePeer there = worker.Node.Dial(address);
        there.Send(MachineId.Worker(1), MachineId.Coordinator, new LeaveRun(new RunEpoch(1)));
        LaneEnd.Next(worker.Unreachable);
        server.Node.Listen(address);
        Assert.IsType<LeaveRun>(LaneEnd.Next(server.Messages).Message);
    }

    [Fact]
    public void A_broken_lane_is_told_on_both_sides_and_dialed_again()
    {
        LanePeer there = Connect(unix: false);
        LanePeer back = LaneEnd.Next(server.Connected);
        LaneEnd.Next(worker.Connected);
        back.Close("for a change");
        Assert.Equal("closed by the peer: for a change", LaneEnd.Next(worker.Broken));
        LaneEnd.Next(server.Broken);
        Assert.Same(there, LaneEnd.Next(worker.Connected));
    }

    private static void Fill(BlockBuffer buffer, int seed) => Expected(seed, buffer.Length).CopyTo(buffer.Span);

    private static float[] Expected(int floats) => Expected(floats, floats);

    private static float[] Expected(int seed, int length) => [.. Enumerable.Range(0, length).Select(i => (i * 31) + seed + 0.5f)];

    private LanePeer Connect(bool unix)
    {
        LaneListener listener = server.Node.Listen(unix ? LaneAddress.Unix(Path.Combine(folder, "s")) : AnyPort);
        return worker.Node.Dial(listener.Address);
    }
}
