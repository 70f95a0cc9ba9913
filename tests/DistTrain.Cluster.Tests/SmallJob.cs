using DistTrain.Data;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cluster.Tests;

/// <summary>A perceptron on the built-in digits: steps of a millisecond, many of them.</summary>
internal static class SmallJob
{
    private static readonly Lazy<string> Hash = new(() => TrainHere(Yaml()));

    /// <summary>What one process makes of <see cref="Yaml"/>.</summary>
    public static string WeightsSha256 => Hash.Value;

    public static string Yaml(int workers = 1, int servers = 1, int replicas = 1) => $$"""
        version: 1
        model: { layers: [Flatten, Dense: { units: 32, activation: relu }, Dense: 10] }
        data: { set: digits }
        train: { epochs: 3, batch: 64, slices: 8, optimizer: { adam: 0.002 }, seed: 5 }
        run: { workers: {{workers}}, servers: {{servers}}, replicas: {{replicas}}, checkpointEvery: 100, threads: 1 }
        """;

    /// <summary>A setup of machines that have the job but no data: for servers.</summary>
    public static NodeSetup Setup(IReadOnlyList<MachineId> machines)
    {
        Job job = JobFile.Parse(Yaml());
        return new NodeSetup
        {
            Machines = machines,
            JobYaml = job.ToYaml(),
            Run = new RunPlan { Samples = 160, Batch = 16, Slices = 4, Passes = 2 },
            Tensors = [new TensorLength("a", 40), new TensorLength("b", 20)],
            Options = new ProtocolOptions(),
            Identity = RunIdentity.Of("job", "data"),
            Optimizer = OptimizerState.Initial,
            TotalSteps = 20,
            Threads = 1,
        };
    }

    private static string TrainHere(string yaml)
    {
        TrainingSession session = PreparedRun.Open(
            JobFile.Parse(yaml) with { Run = new RunJob { Threads = 1, Out = Path.Combine(Directory.CreateTempSubdirectory("disttrain-here-").FullName, "run") } }, DataFolders.For(null))
            .Begin(DateTimeOffset.UnixEpoch);
        return session.RunAsync().ToBlockingEnumerable().OfType<RunDone>().Single().WeightsSha256;
    }
}
