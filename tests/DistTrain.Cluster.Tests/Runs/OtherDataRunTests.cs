using System.Buffers.Binary;
using Akka.Event;
using DistTrain.Training;

namespace DistTrain.Cluster.Tests;

/// <summary>A worker on a host with other data than the singleton's.</summary>
public sealed class OtherDataRunTests
{
    private const int Side = 28;
    private const int Samples = 320;

    private const string Job = """
        version: 1
        model: { layers: [Flatten, Dense: 10] }
        data: { set: mnist }
        train: { epochs: 10, batch: 16, slices: 4, seed: 5 }
        run: { threads: 1 }
        """;

    [Fact]
    public async Task A_worker_with_other_data_takes_no_part_which_the_run_and_its_nodes_log_say()
    {
        await using LocalCluster cluster = new(hold: 100);
        ClusterNode first = await cluster.AddAsync("coordinator, server, worker", DataOf(cluster, "ours", seed: 1));
        LocalCluster.FollowedRun run = await cluster.SubmitAsync(first, Job);
        await cluster.Gate.ReachedAsync(20);

        ClusterNode other = await cluster.AddAsync("worker", DataOf(cluster, "theirs", seed: 2));
        string told = await LogListener.LineAsync(other.System, "worker 1 has left", typeof(Warning)).WaitAsync(cluster.Deadline);
        cluster.Gate.Open();
        await run.ToEndAsync();

        Assert.Contains("data", told, StringComparison.Ordinal);
        Assert.Contains(run.Seen.OfType<RunNotice>(), notice => notice.Message.Contains("worker 1 ", StringComparison.Ordinal)
            && notice.Message.Contains("takes no part: ", StringComparison.Ordinal) && notice.Message.Contains("data", StringComparison.Ordinal));
        Assert.False(other.Ended.IsCompleted);
    }

    private static string DataOf(LocalCluster cluster, string name, int seed)
    {
        string folder = Path.Combine(cluster.Runs, name, "mnist");
        Directory.CreateDirectory(folder);
        var random = new Random(seed);
        foreach (string part in (string[])["train", "t10k"])
        {
            byte[] pixels = new byte[Samples * Side * Side], labels = new byte[Samples];
            random.NextBytes(pixels);
            for (int i = 0; i < Samples; i++)
            {
                labels[i] = (byte)(i % 10);
            }

            File.WriteAllBytes(Path.Combine(folder, $"{part}-images-idx3-ubyte"), [0, 0, 8, 3, .. Number(Samples), .. Number(Side), .. Number(Side), .. pixels]);
            File.WriteAllBytes(Path.Combine(folder, $"{part}-labels-idx1-ubyte"), [0, 0, 8, 1, .. Number(Samples), .. labels]);
        }

        return $"disttrain.node.data = \"{Path.GetDirectoryName(folder)}\"";
    }

    private static byte[] Number(int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
