using System.Collections.Concurrent;
using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public class LaneNetworkTests
{
    /// <summary>An embedding's gradient: two rows of a table of 1024.</summary>
    [Fact]
    public void A_push_of_few_rows_takes_few_bytes_and_arrives_whole()
    {
        const string Run = "run";
        var pool = new BlockPool();
        float[] gradient = new float[ProtocolLimits.BlockFloatsMax];
        gradient[64] = -0f;
        gradient[^1] = 3;
        var receiver = new Receiver();
        using LaneNetwork server = Network(new NodeName(0, Run), receiver), worker = Network(new NodeName(1, Run), new Receiver());
        worker.Reach(0, server.Addresses);
        worker.Send(0, MachineId.Worker(0), MachineId.Server(0), new PushGradient(
            new RunEpoch(1), new StepNumber(2), new BlockId(3), new SliceRange(0, 2), new RangeStatistics(2, [1, 1]), pool.RentCopy(gradient)));
        PushGradient push = Assert.IsType<PushGradient>(LaneEnd.Next(receiver.Messages));
        Assert.Equal(Array.ConvertAll(gradient, BitConverter.SingleToInt32Bits), Array.ConvertAll(push.Gradient.Span.ToArray(), BitConverter.SingleToInt32Bits));

        // Who sends may notice that it has written after the other has read, and counts it then.
        Assert.True(SpinWait.SpinUntil(() => pool.BuffersRented == 0 && worker.Bytes.Sent > 0, LaneEnd.Patience));
        Assert.InRange(worker.Bytes.Sent, 1, gradient.Length * sizeof(float) / 8);
    }

    private static LaneNetwork Network(NodeName name, Receiver receiver)
    {
        var network = new LaneNetwork(name, [LaneAddress.Tcp("127.0.0.1", 0)], new LaneSecurity(), receiver, _ => { });
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
