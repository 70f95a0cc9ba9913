using DistTrain.Hosting;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>The engine of several processes, calm.</summary>
public class ProcessRunTests
{
    [Fact]
    public Task Two_workers_give_the_oracles_bits() => Any_number_of_processes_gives_the_oracles_bits_and_the_local_engines_epochs(2, 1);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(3, 2)]
    [InlineData(4, 1)]
    public async Task Any_number_of_processes_gives_the_oracles_bits_and_the_local_engines_epochs(int workers, int servers)
    {
        Job job = JobFile.Parse(HardJob.Yaml + $"run: {{ engine: processes, workers: {workers}, servers: {servers}, threads: 1, checkpointEvery: 4 }}\n");
        var expected = new List<TrainingEvent>();
        TrainingTask task = TrainingTask.Open(job, HardJob.Folders);
        string hash = WeightsHash.Sha256(new LocalTrainer(task).Run(onEvent: expected.Add).Weights);
        var told = new List<TrainingEvent>();
        using var folder = new TestFolder();

        Checkpoint end = await Run(task, task.Start(), folder, told.Add);

        Assert.Equal(hash, WeightsHash.Sha256(end.Weights));
        Assert.Equal(expected.Cast<EpochCompleted>(), told.OfType<EpochCompleted>().Select(epoch => epoch with { Seconds = 0, SamplesPerSecond = 0 }));
        Assert.Equal([4, 8, 10], told.OfType<CheckpointWritten>().Select(written => written.Step));
    }

    [Fact]
    public async Task A_run_of_one_engine_is_resumed_by_the_other()
    {
        Job job = JobFile.Parse(HardJob.Yaml + "run: { engine: processes, threads: 1 }\n");
        TrainingTask whole = TrainingTask.Open(job, HardJob.Folders);
        string hash = WeightsHash.Sha256(new LocalTrainer(whole).Run().Weights);
        TrainingTask half = TrainingTask.Open(job with { Train = job.Train with { Steps = 5 } }, HardJob.Folders);
        using var folder = new TestFolder();

        Checkpoint middle = await Run(half, half.Start(), folder, _ => { });
        using var local = new InProcessRun(whole, middle, folder: null, _ => { });
        local.Start();
        Checkpoint end = await local.Completion.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(5, middle.Step);
        Assert.Equal(hash, WeightsHash.Sha256(end.Weights));
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Encrypted_lanes_give_the_same_bits()
    {
        TrainingTask task = TrainingTask.Open(JobFile.Parse(HardJob.Yaml + "run: { engine: processes, workers: 2, servers: 2, threads: 1 }\n"), HardJob.Folders);
        using var folder = new TestFolder();
        var certificates = new CertificateFolder(folder["certificates"]);
        certificates.EnsureAuthority();
        certificates.MakeNode("localhost");
        var security = new NodeSecurity
        {
            TlsAuthority = certificates.AuthorityPath,
            TlsCertificate = certificates.CertificatePath("localhost"),
            TlsKey = certificates.KeyPath("localhost"),
        };

        Checkpoint end = await Run(task, task.Start(), folder, _ => { }, BuiltCommand.Processes with { Security = security, Listen = LaneAddress.Tcp("localhost", 0) });

        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256(end.Weights));
    }

    private static async Task<Checkpoint> Run(TrainingTask task, Checkpoint start, TestFolder folder, Action<TrainingEvent> publish, ProcessesOptions? options = null)
    {
        using var run = new ProcessRun(task, start, new CheckpointFolder(folder.Path, task.Layout), options ?? BuiltCommand.Processes, publish);
        run.Start();
        return await run.Completion.WaitAsync(TimeSpan.FromMinutes(2));
    }
}
