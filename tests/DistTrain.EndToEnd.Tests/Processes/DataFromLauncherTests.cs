using System.Threading.Channels;
using DistTrain.Data;
using DistTrain.Hosting;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>A host without the data joins a run: they come over the lane, and the bits are the oracle's.</summary>
public sealed class DataFromLauncherTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_host_without_the_data_gets_them_once_and_trains_to_the_same_bits()
    {
        TrainingTask task = MakeTask();
        var steps = Channel.CreateUnbounded<long>();
        var options = BuiltCommand.Processes with { Listen = LaneAddress.Tcp("127.0.0.1", 0) };
        var notices = Channel.CreateUnbounded<string>();
        using var run = new ProcessRun(task, task.Start(), folder: null, options, happened => notices.Writer.TryWrite($"{happened}"), step => steps.Writer.TryWrite(step.Step.Value));
        run.Start();
        await steps.Reader.ReadAsync();

        // The launcher and its first worker have the files open; no other host has them.
        Directory.Delete(folder["data"], recursive: true);
        LaneAddress door = LaneAddress.Parse("test", run.Addresses[1]);
        foreach (bool isFirst in new[] { true, false })
        {
            (FetchedData fetched, int exitCode) = await JoinAsync(door, run, steps.Reader);
            Assert.Equal(NodeExit.Done, exitCode);
            int chunks = task.TrainManifest.Chunks + PartManifest.Of(task.Data.Test!).Chunks;
            Assert.True(chunks > 5);
            Assert.Equal(isFirst ? (chunks, 0, 0) : (0, chunks, 0), (fetched.ChunksFetched, fetched.ChunksCached, fetched.ChunksDamaged));
        }

        run.RequestStop();
        Checkpoint end = await run.Completion.WaitAsync(TimeSpan.FromMinutes(2));
        var splits = new Splits(task.Data.Train, Test: task.Data.Test);
        var same = TrainingTask.Create(task.Job with { Train = task.Job.Train with { Steps = end.Step } }, splits);
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(same).Run().Weights), WeightsHash.Sha256(end.Weights));
    }

    /// <summary>Until it has computed a share of the steps and has all the data; then it leaves politely.</summary>
    private async Task<(FetchedData Fetched, int ExitCode)> JoinAsync(LaneAddress door, ProcessRun run, ChannelReader<long> steps)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        LaneSecurity security = run.Security.ToLanes();
        ControlAnswer answer = await RunControl.AskAsync(door, security, new ControlQuestion(ControlQuestion.Join));
        var log = new StringWriter();
        using var host = new NodeHost(
            receiver => new LaneNetwork(new NodeName(answer.Node!.Value, answer.Run!), [LaneAddress.Tcp("127.0.0.1", 0)], security, receiver, _ => { }),
            [$"{door}"],
            TextWriter.Synchronized(log),
            new NodeData("", MustFetch: false, new ChunkCache(folder["chunks"])));
        host.Begin();
        while (host.StepsComputed < 20)
        {
            await steps.ReadAsync(deadline.Token);
        }

        await host.Fetched!.AllHere.WaitAsync(deadline.Token);
        host.RequestLeave();
        int exitCode = await host.Ended.WaitAsync(deadline.Token);
        Assert.Contains("they come from the launcher", log.ToString(), StringComparison.Ordinal);
        return (host.Fetched, exitCode);
    }

    /// <summary>800 + 100 pictures in IDX files of this test's own.</summary>
    private TrainingTask MakeTask()
    {
        Directory.CreateDirectory(folder["data"]);
        var random = new Random(4);
        foreach ((string prefix, int count) in new[] { ("train", 800), ("t10k", 100) })
        {
            byte[] pixels = new byte[count * 784];
            random.NextBytes(pixels);
            byte[] Number(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
            File.WriteAllBytes(folder["data", $"{prefix}-images-idx3-ubyte"], [0, 0, 8, 3, .. Number(count), .. Number(28), .. Number(28), .. pixels]);
            File.WriteAllBytes(folder["data", $"{prefix}-labels-idx1-ubyte"], [0, 0, 8, 1, .. Number(count), .. Enumerable.Range(0, count).Select(i => (byte)(i % 10))]);
        }

        File.WriteAllText(folder["job.yaml"], """
            model: { layers: [Flatten, { Dense: { units: 16, activation: relu } }, { Dense: 10 }] }
            data: { path: data }
            train: { epochs: 1000000, batch: 32, steps: 1000000 }
            run: { engine: processes, workers: 1, threads: 1 }
            """);
        return TrainingTask.Open(JobFile.Load(folder["job.yaml"]), DataFolders.For(null));
    }
}
