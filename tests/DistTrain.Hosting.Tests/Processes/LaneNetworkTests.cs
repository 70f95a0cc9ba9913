using System.Collections.Concurrent;
using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public class LaneNetworkTests
{
    private const string RunName = "run";

    /// <summary>An embedding's gradient: two rows of a table of 1024.</summary>
    [Fact]
    public void A_push_of_few_rows_takes_few_bytes_and_arrives_whole()
    {
        var pool = new BlockPool();
        float[] gradient = new float[ProtocolLimits.BlockFloatsMax];
        gradient[64] = -0f;
        gradient[^1] = 3;
        var receiver = new Receiver();
        using LaneNetwork server = Network(new NodeName(0, RunName), receiver), worker = Network(new NodeName(1, RunName), new Receiver());
        worker.Reach(0, server.Addresses);
        worker.Send(0, MachineId.Worker(0), MachineId.Server(0), Push(pool.RentCopy(gradient)));
        PushGradient push = Assert.IsType<PushGradient>(LaneEnd.Next(receiver.Messages));
        Assert.Equal(Array.ConvertAll(gradient, BitConverter.SingleToInt32Bits), Array.ConvertAll(push.Gradient.Span.ToArray(), BitConverter.SingleToInt32Bits));

        // Who sends may notice that it has written after the other has read, and counts it then.
        Assert.True(SpinWait.SpinUntil(() => pool.BuffersRented == 0 && worker.Bytes.Sent > 0, LaneEnd.Patience));
        Assert.InRange(worker.Bytes.Sent, 1, gradient.Length * sizeof(float) / 8);
    }

    [SharedMemoryFact]
    public void Where_memory_is_shared_a_push_of_few_rows_goes_over_without_a_copy()
    {
        string folder = Directory.CreateTempSubdirectory("network").FullName;
        try
        {
            var arena = new SharedArena();
            Memory<float> gradient = arena.Allocate(ProtocolLimits.BlockFloatsMax);
            var receiver = new Receiver();
            LaneAddress address = LaneAddress.Unix(Path.Combine(folder, "s"));
            using LaneNetwork server = Network(new NodeName(0, RunName), receiver, address), worker = Network(new NodeName(1, RunName), new Receiver(), arena: arena);
            worker.Reach(0, server.Addresses);

            // The first ones may go before the server has mapped the memory.
            Assert.True(SpinWait.SpinUntil(
                () =>
                {
                    worker.Send(0, MachineId.Worker(0), MachineId.Server(0), Push(new BlockBuffer(gradient, _ => { })));
                    BlockBuffer pushed = Assert.IsType<PushGradient>(LaneEnd.Next(receiver.Messages)).Gradient;
                    bool isShared = SharedArena.TryFind(pushed, out _, out _);
                    pushed.Release();
                    return isShared;
                },
                LaneEnd.Patience));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static PushGradient Push(BlockBuffer gradient) => new(
        new RunEpoch(1), new StepNumber(2), new BlockId(3), new SliceRange(0, 2), new RangeStatistics(2, [1, 1]), gradient);

    private static LaneNetwork Network(NodeName name, Receiver receiver, LaneAddress? address = null, SharedArena? arena = null)
    {
        var network = new LaneNetwork(name, [address ?? LaneAddress.Tcp("127.0.0.1", 0)], new LaneSecurity(), receiver, _ => { }, arena);
        network.Enter(LaneEnd.Run);
        return network;
    }

    private sealed class Receiver : INodeReceiver
    {
        public BlockingCollection<Message> Messages { get; } = [];

        public void Receive(int node, MachineId from, MachineId to, Message message) => Messages.Add(message);

        public BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => null;

        public void Receive(int node, ReadOnlySpan<byte> packet)
        {
        }

        public byte[]? Answer(ReadOnlySpan<byte> question) => null;

        public void Suspect(int node, string? reason)
        {
        }

        public void Refused(int node)
        {
        }
    }
}
