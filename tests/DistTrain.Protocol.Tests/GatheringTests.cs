namespace DistTrain.Protocol.Tests;

/// <summary>Between run epochs, word by word: what the simulator found once, told to a coordinator alone.</summary>
public class GatheringTests
{
    private static readonly LinearJob Job = new(new RunPlan { Samples = 53, Batch = 16, Slices = 8, Passes = 3 }, 5, 9, 17, 12, 4, 13);

    private static readonly ProtocolOptions Options = new();

    private readonly Outbox outbox = new();

    [Fact]
    public void A_join_that_comes_late_is_not_taken_for_a_server_without_blocks()
    {
        CoordinatorMachine successor = Coordinator(term: 2);
        Tell(successor, MachineId.Server(0), new JoinRun(default, DirectCluster.Identity));

        Assert.Contains(outbox.Effects, effect => effect is Send { Message: CollectBlocks } send && send.To == MachineId.Server(0));
    }

    [Fact]
    public void Who_was_told_to_stop_and_has_not_heard_it_is_told_again_when_the_run_epoch_has_ended()
    {
        CoordinatorMachine coordinator = Coordinator(term: 1);
        Join(coordinator, MachineId.Worker(0), MachineId.Server(0), MachineId.Server(1));
        RunEpoch epoch = coordinator.Status.Epoch;
        Tell(coordinator, MachineId.Server(0), new ServerReported(epoch, 1, new WeightVersion(0), [], 0, [], null));
        Tell(coordinator, MachineId.Server(1), new LeaveRun(epoch));
        Assert.Contains(outbox.Effects, IsDismissal);

        coordinator.Step(new MemberLost(MachineId.Server(0), "killed"), outbox);
        Assert.Equal(RunPhase.Gathering, coordinator.Status.Phase);
        outbox.Clear();
        coordinator.Step(new Ticked(Options.RetryTicks), outbox);
        Assert.Contains(outbox.Effects, IsDismissal);

        static bool IsDismissal(Effect effect) => effect is Send { Message: DirectServer { Ended: true } } send && send.To == MachineId.Server(1);
    }

    [Fact]
    public void No_run_epoch_begins_where_every_block_is_ahead()
    {
        // Nobody would compute step 1, whose statistics are lost; so back to the start, where blocks can be loaded.
        CoordinatorMachine successor = Coordinator(term: 2);
        Join(successor, MachineId.Worker(0), MachineId.Server(0));
        Tell(successor, MachineId.Server(0), new BlocksCollected(
            RunEpoch.Before(term: 2).Next,
            [.. Job.Blocks.Blocks.Select(block => new HeldBlock(block.Id, new WeightVersion(2), HasPrevious: true, 1, 0))],
            new RunProgress(new StepNumber(0), PassTotals.Empty(0), 0, 0, Stopping: false, Steering: null),
            [new StepStatistics(new StepNumber(0), new RangeStatistics(16, [1]))],
            [0]));

        Assert.Equal(RunPhase.Running, successor.Status.Phase);
        Assert.Equal(new WeightVersion(0), Told<RunStarted>().Single().Version);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_read_is_named_and_the_one_before_is_used()
    {
        RunStart before = At(4), newest = At(8) with { Earlier = before };
        CoordinatorMachine coordinator = Coordinator(term: 1, newest);
        Join(coordinator, MachineId.Worker(0), MachineId.Server(0));
        for (int damaged = 0; damaged < 2; damaged++)
        {
            RunEpoch epoch = coordinator.Status.Epoch;
            Tell(coordinator, MachineId.Server(0), new BlocksUnreadable(epoch, new WeightVersion(damaged == 0 ? 8 : 4), "shard-0: SHA-256 differs"));
            Tell(coordinator, MachineId.Server(0), new BlocksCollected(epoch.Next, [], null, [], []));
        }

        Assert.Equal([new WeightVersion(8), new WeightVersion(4)], Told<RunStarted>().Select(started => started.Version));
        Assert.Equal([new WeightVersion(8), new WeightVersion(4)], Told<CheckpointDamaged>().Select(damaged => damaged.Version));
        Assert.Contains("shard-0: SHA-256 differs", Told<RunFailed>().Single().Reason, StringComparison.Ordinal);
        Assert.Contains(outbox.Effects, effect => effect is Send { Message: DirectServer { Ended: true } direct } && direct.Epoch.Number == 3);

        static RunStart At(long version) => new(new WeightVersion(version), PassTotals.Empty((int)(version / Job.Run.StepsPerPass)));
    }

    [Fact]
    public void A_successor_counts_from_where_the_newest_run_epoch_began()
    {
        // Server 0 was told last in a run epoch that had gone back to the start; server 1 has not heard of it, and knows a later step.
        RunEpoch older = RunEpoch.Before(term: 1).Next, newer = older.Next;
        CoordinatorMachine successor = Coordinator(term: 2);
        Join(successor, MachineId.Worker(0), MachineId.Server(0), MachineId.Server(1));
        Tell(successor, MachineId.Server(0), Answer(new StepNumber(2), samples: 32, newer));
        Tell(successor, MachineId.Server(1), Answer(new StepNumber(3), samples: 16, older));

        RunTakenOver taken = Told<RunTakenOver>().Single();
        Assert.Equal((new StepNumber(3), 48), (taken.Committed, taken.CommittedSamples));

        static BlocksCollected Answer(StepNumber committed, long samples, RunEpoch epoch) => new(
            RunEpoch.Before(term: 2).Next,
            [],
            new RunProgress(committed, PassTotals.Empty(0), samples, 0, Stopping: false, Steering: null) { Epoch = epoch },
            [],
            [0, 1]);
    }

    private IEnumerable<T> Told<T>() => outbox.Effects.OfType<Report>().Select(report => report.Event).OfType<T>();

    private CoordinatorMachine Coordinator(int term, RunStart? start = null)
    {
        var coordinator = new CoordinatorMachine(Job.Run, Job.Blocks, Options, DirectCluster.Identity, start ?? RunStart.New, term);
        coordinator.Step(new MachineStarted(0), outbox);
        return coordinator;
    }

    private void Join(CoordinatorMachine coordinator, params MachineId[] members)
    {
        foreach (MachineId member in members)
        {
            Tell(coordinator, member, new JoinRun(default, DirectCluster.Identity));
        }
    }

    private void Tell(CoordinatorMachine coordinator, MachineId from, Message message) => coordinator.Step(new MessageArrived(from, message), outbox);
}
