using Akka.Configuration;
using DistTrain.Protocol;

namespace DistTrain.Cluster.Tests;

public class FrameSizeTests
{
    /// <summary>Addresses, manifest and what else Akka.NET writes around a message.</summary>
    private const int AroundMax = 4096;

    public static TheoryData<string> ShippedFiles =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "cluster-config"), "*.conf").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(ShippedFiles))]
    public void The_largest_control_message_fits_a_frame_of_every_shipped_file(string file)
    {
        Config config = ConfigurationFactory.ParseString(NodeConfiguration.Read(ClusterSettings.Shipped(file)));
        long? frame = config.GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size");

        Assert.InRange(Largest.Value + AroundMax, 1 << 20, frame!.Value);
    }

    /// <summary>Orders, and answers to the question what servers hold, about as many blocks as there may be, with the largest numbers.</summary>
    private static readonly Lazy<int> Largest = new(() =>
    {
        var epoch = new RunEpoch(int.MaxValue);
        int[] servers = [.. Enumerable.Repeat(ProtocolLimits.MachinesMax - 1, ProtocolLimits.BlocksMax)];
        var version = new WeightVersion(long.MaxValue - 1);
        // With as many sums as there may be: a ROC curve's and more.
        var totals = new PassTotals(int.MaxValue, long.MaxValue, 1, [.. Enumerable.Repeat(double.MaxValue, ProtocolLimits.StatisticsMax)]);
        var progress = new RunProgress(version.Step, totals, long.MaxValue, long.MaxValue, Stopping: true, null);
        Message[] messages =
        [
            new DirectServer(
                epoch, long.MaxValue, servers, servers, version, [.. servers.Select((_, block) => new BlockCopy(new BlockId(block), version, ProtocolLimits.MachinesMax - 1))],
                Settled: true, progress, [], [.. Enumerable.Range(0, ProtocolLimits.MachinesMax)], version.Step, 1, Ended: false),
            new DirectWorker(epoch, long.MaxValue, servers, version.Step, version.Step, [], [], Ended: false),
            new BlocksCollected(epoch, [.. servers.Select((_, block) => new HeldBlock(new BlockId(block), version, true, 1, long.MaxValue))], progress, [], []),
            new PullBlocks(epoch, long.MaxValue, version, [.. servers.Select((_, block) => new BlockId(block))]),
            new FetchBlocks(epoch, [.. servers.Select((_, block) => new BlockId(block))]),
            new GradientMeasured(epoch, version.Step, [.. servers.Select((_, block) => new BlockNorm(new BlockId(block), 1))]),
        ];
        return messages.Max(message =>
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            MessageCodec.EncodeEnvelope(MachineId.Coordinator, MachineId.Server(ProtocolLimits.MachinesMax - 1), message, output);
            return output.WrittenCount;
        });
    });
}
