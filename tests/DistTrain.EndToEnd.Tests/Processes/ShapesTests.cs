using DistTrain.Hosting;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Any number of workers and servers, with TLS and without: the hash of one process.</summary>
public sealed class ShapesTests : IDisposable
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(3);
    private readonly TestFolder folder = new();

    public static TheoryData<string, int, int, bool> Shapes()
    {
        var shapes = new TheoryData<string, int, int, bool>();
        foreach (string preset in new[] { "mlp", "cnn" })
        {
            for (int workers = 1; workers <= 4; workers++)
            {
                for (int servers = 1; servers <= 3; servers++)
                {
                    shapes.Add(preset, workers, servers, false);
                    shapes.Add(preset, workers, servers, true);
                }
            }
        }

        return shapes;
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("mlp", 3, 2, true)]
    public Task One_shape_with_TLS_gives_the_hash_of_one_process(string preset, int workers, int servers, bool encrypted) => TrainAsync(preset, workers, servers, encrypted);

    [Theory]
    [Trait("Category", "Long")]
    [MemberData(nameof(Shapes))]
    public Task Every_shape_gives_the_hash_of_one_process(string preset, int workers, int servers, bool encrypted) => TrainAsync(preset, workers, servers, encrypted);

    private async Task TrainAsync(string preset, int workers, int servers, bool encrypted)
    {
        Job job = JobFile.Parse($$"""
            model: { preset: {{preset}} }
            data: { limit: 200 }
            train: { epochs: 2, batch: 32, optimizer: adam }
            run: { engine: processes, workers: {{workers}}, servers: {{servers}}, threads: 1 }

            """);
        TrainingTask task = TrainingTask.Open(job, HardJob.Folders);
        ProcessesOptions options = BuiltCommand.Processes with { Security = encrypted ? Certified() : new NodeSecurity() };
        using var run = new ProcessRun(task, task.Start(), folder: null, options, _ => { });
        run.Start();
        Checkpoint end = await run.Completion.WaitAsync(Watchdog);

        using var calm = new InProcessRun(task, task.Start(), folder: null, _ => { });
        calm.Start();
        Checkpoint expected = await calm.Completion.WaitAsync(Watchdog);
        Assert.Equal(task.Steps.TotalSteps, end.Step);
        Assert.Equal(WeightsHash.Sha256(expected.Weights), WeightsHash.Sha256(end.Weights));
    }

    private NodeSecurity Certified()
    {
        const string Host = "localhost";
        var certificates = new CertificateFolder(folder["certificates"]);
        certificates.EnsureAuthority();
        certificates.MakeNode(Host);
        return new NodeSecurity
        {
            TlsAuthority = certificates.AuthorityPath,
            TlsCertificate = certificates.CertificatePath(Host),
            TlsKey = certificates.KeyPath(Host),
        };
    }
}
