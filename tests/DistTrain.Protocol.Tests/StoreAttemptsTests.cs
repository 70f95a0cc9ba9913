namespace DistTrain.Protocol.Tests;

/// <summary>The last version is stored again and again while it cannot be, told to a coordinator with one server and one worker.</summary>
public class StoreAttemptsTests
{
    private static readonly LinearJob Job = new(new RunPlan { Samples = 16, Batch = 16, Slices = 8, Passes = 1 }, 5, 9);

    private static readonly ProtocolOptions Options = new();

    private readonly Outbox outbox = new();
    private readonly CoordinatorMachine coordinator = new(Job.Run, Job.Blocks, Options, DirectCluster.Identity, RunStart.New);
    private long tick;

    public StoreAttemptsTests()
    {
        coordinator.Step(new MachineStarted(0), outbox);
        Tell(MachineId.Worker(0), new JoinRun(default, DirectCluster.Identity));
        Tell(MachineId.Server(0), new JoinRun(default, DirectCluster.Identity));
    }

    private DirectServer NewestOrders => outbox.Effects.OfType<Send>().Select(send => send.Message).OfType<DirectServer>().Last();

    private int Failures => Told.OfType<CheckpointFailed>().Count();

    private IEnumerable<RunEvent> Told => outbox.Effects.OfType<Report>().Select(report => report.Event);

    [Fact]
    public void An_outcome_that_is_repeated_is_about_the_attempt_before()
    {
        Assert.Equal([new WeightVersion(1)], NewestOrders.Checkpoints);
        Report("the disk is full");
        Assert.Empty(NewestOrders.Checkpoints);
        Report("the disk is full");
        coordinator.Step(new Ticked(Options.ReportTicks - 1), outbox);
        Assert.Empty(NewestOrders.Checkpoints);
        coordinator.Step(new Ticked(Options.ReportTicks), outbox);

        Assert.Equal([new WeightVersion(1)], NewestOrders.Checkpoints);
        Assert.Equal(1, Failures);
    }

    [Fact]
    public void A_run_ends_when_the_disk_has_room_again()
    {
        Fail(ProtocolLimits.StoreAttemptsMax - 1);
        WaitUntilAsked();
        Report(failure: null);
        coordinator.Step(new ManifestCommitted(coordinator.Status.Epoch, new WeightVersion(1)), outbox);

        Assert.Equal(ProtocolLimits.StoreAttemptsMax - 1, Failures);
        Assert.Single(Told.OfType<RunCompleted>());
    }

    [Fact]
    public void A_run_fails_when_the_disk_stays_full()
    {
        Fail(ProtocolLimits.StoreAttemptsMax);

        Assert.Equal(ProtocolLimits.StoreAttemptsMax, Failures);
        Assert.Contains("the disk is full", Told.OfType<RunFailed>().Single().Reason, StringComparison.Ordinal);
    }

    private void Fail(int attempts)
    {
        for (int failed = 0; failed < attempts; failed++)
        {
            WaitUntilAsked();
            Assert.Equal(failed, Failures);
            Report("the disk is full");
        }
    }

    /// <summary>Time passes, and nobody is silent, until the version is wanted again.</summary>
    private void WaitUntilAsked()
    {
        while (NewestOrders.Checkpoints.Count == 0)
        {
            coordinator.Step(new Ticked(++tick), outbox);
            Tell(MachineId.Worker(0), new WorkerReported(coordinator.Status.Epoch, NewestOrders.Order, default, default, []));
            Report(failure: null, shards: false);
        }
    }

    private void Report(string? failure, bool shards = true)
    {
        var outcome = new ShardOutcome(new WeightVersion(1), failure is null ? "receipt" : null, failure);
        Tell(MachineId.Server(0), new ServerReported(
            coordinator.Status.Epoch, NewestOrders.Order, new WeightVersion(1), [new StepStatistics(default, new RangeStatistics(16, [1]))], 0, shards ? [outcome] : [], null));
    }

    private void Tell(MachineId from, Message message) => coordinator.Step(new MessageArrived(from, message), outbox);
}
