using System.Net.Sockets;
using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public class LaneSenderTests
{
    private const int RunBytes = 1 << 20;
    private static readonly LaneOptions Options = new();
    private readonly BlockPool pool = new();
    private readonly LaneQueue queue = new(Options);

    [Fact]
    public void A_caller_writes_the_run_that_it_began_to_its_end_and_begins_no_other()
    {
        using var wire = new TakingWire();
        using var sender = new LaneSender(wire, queue, Options, Fail);
        Queue(1);
        sender.Wake();
        Assert.InRange(wire.Bytes, RunBytes, RunBytes + 1024);
        Assert.Equal(0, pool.BuffersRented);

        // No writer thread runs here, so what a caller leaves stays.
        Queue(2);
        sender.Wake();
        Assert.InRange(wire.Bytes, 2 * RunBytes, (2 * RunBytes) + 2048);
        Assert.Equal(1, pool.BuffersRented);
    }

    [Fact]
    public void The_writer_thread_goes_on_where_the_caller_left_off()
    {
        using var wire = new TakingWire();
        using var sender = new LaneSender(wire, queue, Options, Fail);
        var writer = new Thread(sender.RunWriter);
        writer.Start();
        Queue(5);
        sender.Wake();
        Assert.True(SpinWait.SpinUntil(() => pool.BuffersRented == 0, TimeSpan.FromSeconds(30)));
        sender.Dispose();
        writer.Join();
        Assert.InRange(wire.Bytes, 5 * RunBytes, (5 * RunBytes) + 8192);
    }

    [Fact]
    public void A_run_is_given_back_before_the_end_of_its_connection_is_told()
    {
        using var wire = new TakingWire { BytesMax = RunBytes / 2 };
        long rentedWhenTold = -1;
        using var sender = new LaneSender(wire, queue, Options, _ => rentedWhenTold = pool.BuffersRented);
        Queue(1);
        sender.Wake();
        Assert.Equal(0, rentedWhenTold);
    }

    private static void Fail(string reason) => throw new InvalidOperationException(reason);

    private void Queue(int runs)
    {
        lock (queue.Gate)
        {
            for (int i = 0; i < runs; i++)
            {
                var moved = new BlockMoved(new RunEpoch(1), new BlockId(i), new WeightVersion(3), true, 1, pool.Rent(RunBytes / sizeof(float)));
                Assert.True(queue.TryAdd(new LaneQueue.Entry(MachineId.Server(1), MachineId.Server(2), moved, null, 0, 0)));
            }
        }
    }

    /// <summary>A socket that is never full, and gone after so many bytes.</summary>
    private sealed class TakingWire() : LaneWire(new Socket(SocketType.Stream, ProtocolType.Tcp))
    {
        public long Bytes { get; private set; }

        public long BytesMax { get; init; } = long.MaxValue;

        public override int WholeSegments(int bytes) => bytes;

        public override int Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> run)
        {
            Bytes += head.Length + run.Length;
            return Bytes <= BytesMax ? head.Length + run.Length : throw new IOException("gone");
        }
    }
}
