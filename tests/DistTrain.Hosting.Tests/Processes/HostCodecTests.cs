using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

public class HostCodecTests
{
    private static readonly RunEpoch Epoch = new(3);
    private static readonly WeightVersion Version = new(7);
    private static readonly RangeStatistics Statistics = new(8, [float.PositiveInfinity, 0.1f]);

    /// <summary>What is on the way of numbers that decide bits or totals must come back as it was.</summary>
    [Fact]
    public void Events_and_setups_come_back_as_they_were()
    {
        TrainingTask task = TestTasks.Task(
            TestTasks.Branching + "train: { clipNorm: 0.7, earlyStopping: { patience: 2 }, reduceLROnPlateau: { patience: 1 } }\nrun: { servers: 2, replicas: 2 }\n", validation: 10);
        var plan = new TaskPlan(task);
        var setup = new NodeSetup
        {
            Machines = [MachineId.Coordinator, MachineId.Server(4)],
            JobYaml = task.Job.ToYaml(),
            Run = plan.Run,
            Tensors = [new TensorLength("dense/kernel", 12)],
            Options = plan.Options,
            Identity = RunIdentity.Of("job", "data"),
            Optimizer = new OptimizerState(5, 1.0 / 3, 2.0 / 7),
            TotalSteps = 11,
            Threads = 2,
            Start = new RunStart(Version, new PassTotals(1, 2, 1.0 / 3, [0.1, 0.2]), SteeringState.Initial with { Best = 0.1, BestVersion = 3 }, 99),
            Term = 2,
        };

        var back = (SetUpNode)Back(new SetUpNode(setup));
        var step = (StepCommitted)((EventHappened)Back(new EventHappened(new StepCommitted(new StepNumber(6), 1, 32, Statistics)))).Event;
        var commit = (CommitCheckpoint)Back(new CommitCheckpoint(Epoch, Version, [new ShardReceipt(MachineId.Server(1), "a")], setup.Start.Totals, setup.Start.Steering!));

        Assert.Equal(setup.Machines, back.Setup.Machines);
        Assert.Equal(setup.Optimizer, back.Setup.Optimizer);
        Assert.Equal(setup.Start, back.Setup.Start);
        Assert.Equal(setup.Options, back.Setup.Options);
        Assert.Equal(setup.Run.Evaluations, back.Setup.Run.Evaluations);
        Assert.Equal(setup.Run.Steering!.Rules.Metrics, back.Setup.Run.Steering!.Rules.Metrics);
        Assert.Equal(WithoutLists(setup.Run), WithoutLists(back.Setup.Run));
        Assert.NotNull(back.Setup.Run.Steering);
        Assert.Equal(Statistics, step.Statistics);
        Assert.Equal(setup.Start.Totals, commit.Totals);
        Assert.Equal(setup.Start.Steering, commit.Steering);
    }

    [Fact]
    public void Bulk_comes_back_beside_its_message()
    {
        byte[] bulk = [1, 2, 3, 4];

        var part = (ShardPart)Back(new ShardPart(MachineId.Server(2), Epoch, Version, new BlockId(5), 12) { Bulk = bulk });

        Assert.Equal((MachineId.Server(2), Epoch, Version, new BlockId(5), 12), (part.Server, part.Epoch, part.Version, part.Block, part.Offset));
        Assert.Equal(bulk, part.Bulk.ToArray());
    }

    [Fact]
    public void The_most_steps_with_the_most_statistics_fit_a_frame()
    {
        float[] sums = [.. Enumerable.Repeat(-1.17549435E-38f, 64)];
        var step = new StepCommitted(new StepNumber(long.MaxValue), int.MaxValue, int.MaxValue, new RangeStatistics(-3.40282347E+38f, sums));
        var told = new StepsCommitted([.. Enumerable.Repeat(step, StepsCommitted.StepsMax)], long.MaxValue);

        Assert.InRange(HostCodec.Encode(new HostPacket(long.MaxValue, long.MaxValue, told)).Length, 1, new LaneOptions().HostBytesMax);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000")]
    [InlineData("ffffff7f7b7d")]
    [InlineData("020000007b7d")]
    [InlineData("04000000" + "6e756c6c")]
    public void Bytes_that_are_no_packet_are_refused(string bytes) =>
        Assert.Throws<InvalidDataException>(() => HostCodec.Decode(Convert.FromHexString(bytes)));

    private static HostMessage Back(HostMessage message)
    {
        HostPacket packet = HostCodec.Decode(HostCodec.Encode(new HostPacket(5, 4, message)));
        Assert.Equal((5, 4), (packet.Number, packet.Acknowledged));
        return packet.Message!;
    }

    /// <summary>Lists are equal when they are the same object, so they are compared by themselves.</summary>
    private static RunPlan WithoutLists(RunPlan run) =>
        run with { Evaluations = [], Steering = run.Steering! with { Rules = run.Steering.Rules with { Metrics = [] } } };
}
