namespace DistTrain.Protocol.Tests;

public class ServerMachineTests
{
    private static readonly RunPlan Plan = new() { Samples = 16, Batch = 8, Slices = 4, Passes = 4 };
    private static readonly RunEpoch Epoch = new(2);
    private readonly LinearJob job = new(Plan, 16, 16);
    private readonly BlockPool pool = new(poison: true);
    private readonly Outbox outbox = new();
    private readonly ServerMachine server;

    public ServerMachineTests()
    {
        server = new ServerMachine(MachineId.Server(0), Plan, job.Blocks, new ProtocolOptions(), DirectCluster.Identity, job, pool);
        Step(new MachineStarted(0));
        Receive(MachineId.Coordinator, Orders(1, []));
        foreach (BlockId block in Assert.Single(outbox.Effects.OfType<LoadBlocks>()).Blocks)
        {
            Step(new BlockLoaded(Epoch, block, pool.RentCopy(new float[16]), pool.RentCopy(new float[16])));
        }

        Receive(MachineId.Worker(1), new PullBlocks(Epoch, 1, new WeightVersion(0), []));
        outbox.Clear();
    }

    [Fact]
    public void An_update_is_published_when_the_last_range_arrives_and_not_before()
    {
        Push(1, 0, 0, new SliceRange(0, 2));
        Assert.Empty(Sent<BlockPublished>());
        Assert.Equal(new WeightVersion(0), Assert.Single(Sent<GradientAccepted>()).Current);
        outbox.Clear();

        Push(2, 0, 0, new SliceRange(2, 2));
        BlockPublished published = Assert.Single(Sent<BlockPublished>());
        Assert.Equal((new BlockId(0), new WeightVersion(1)), (published.Block, published.Version));
        Assert.Equal(new WeightVersion(1), Assert.Single(Sent<GradientAccepted>()).Current);
    }

    [Fact]
    public void Late_gradient_is_answered_with_the_current_version()
    {
        Push(1, 0, 0, SliceRange.Root(4));
        outbox.Clear();
        Push(2, 0, 0, new SliceRange(0, 1));

        Assert.Equal(new WeightVersion(1), Assert.Single(Sent<GradientAccepted>()).Current);
        Assert.Empty(Sent<BlockPublished>());
    }

    [Fact]
    public void A_gradient_of_an_ended_run_epoch_is_refused()
    {
        Receive(MachineId.Worker(1), new PushGradient(
            new RunEpoch(1), new StepNumber(0), new BlockId(0), SliceRange.Root(4), new RangeStatistics(8, []), pool.RentCopy(new float[16])));

        Assert.Equal(RefusalReason.StaleEpoch, Assert.Single(Sent<Refused>()).Reason);
        Assert.Equal(new WeightVersion(0), server.Applied);
    }

    [Fact]
    public void A_gradient_of_the_wrong_length_or_range_is_refused_as_invalid()
    {
        Receive(MachineId.Worker(1), new PushGradient(
            Epoch, new StepNumber(0), new BlockId(0), SliceRange.Root(4), new RangeStatistics(8, []), pool.RentCopy(new float[15])));
        Receive(MachineId.Worker(1), new PushGradient(
            Epoch, new StepNumber(0), new BlockId(0), SliceRange.Root(8), new RangeStatistics(8, []), pool.RentCopy(new float[16])));

        Assert.Equal([RefusalReason.Invalid, RefusalReason.Invalid], Sent<Refused>().Select(refused => refused.Reason));
    }

    [Fact]
    public void A_joiner_gets_the_version_before_too()
    {
        Push(1, 0, 0, SliceRange.Root(4));
        outbox.Clear();
        Receive(MachineId.Worker(7), new PullBlocks(Epoch, 1, new WeightVersion(0), [new BlockId(0), new BlockId(1)]));

        Assert.Equal(
            [(0, 0L), (0, 1L), (1, 0L)],
            Sent<BlockPublished>().Select(published => (published.Block.Value, published.Version.Value)));
    }

    [Fact]
    public void A_checkpoint_is_handed_out_before_the_next_publication_and_keeps_its_version()
    {
        Receive(MachineId.Coordinator, Orders(2, [new WeightVersion(1)]));
        Push(1, 0, 0, SliceRange.Root(4));
        outbox.Clear();
        Push(1, 0, 1, SliceRange.Root(4));
        StoreShard store = Assert.Single(outbox.Effects.OfType<StoreShard>());
        List<Effect> effects = [.. outbox.Effects];
        Assert.True(effects.IndexOf(store) < effects.FindIndex(effect => effect is Send { Message: BlockPublished }));
        float[][] stored = [.. store.Blocks.SelectMany(block => new[] { block.Weights.Span.ToArray(), block.Slots.Span.ToArray() })];

        Push(1, 1, 0, SliceRange.Root(4));
        Push(1, 1, 1, SliceRange.Root(4));
        Push(1, 2, 0, SliceRange.Root(4));
        Assert.Equal(stored, store.Blocks.SelectMany(block => new[] { block.Weights.Span.ToArray(), block.Slots.Span.ToArray() }));
    }

    [Fact]
    public void Statistics_are_repeated_until_the_coordinator_has_committed_them()
    {
        Push(1, 0, 0, SliceRange.Root(4));
        Push(1, 0, 1, SliceRange.Root(4));
        outbox.Clear();
        Step(new Ticked(1000));
        Assert.Equal([0L], Assert.Single(Sent<ServerReported>()).Statistics.Select(step => step.Step.Value));

        outbox.Clear();
        Receive(MachineId.Coordinator, Orders(2, []) with { Progress = ProgressAt(1) });
        Assert.Empty(Assert.Single(Sent<ServerReported>()).Statistics);
    }

    [Fact]
    public void A_loss_that_is_not_finite_fails_the_step_though_its_gradient_is()
    {
        Push(1, 0, 0, new SliceRange(0, 2), loss: float.PositiveInfinity);
        Push(2, 0, 0, new SliceRange(2, 2));

        Assert.Equal("step 0, slices 0-1: sum 0 of loss and metrics is Infinity", Assert.Single(Sent<ServerReported>()).Failure?.Text);
        Assert.Empty(Sent<BlockPublished>());
    }

    [Fact]
    public void Losses_that_overflow_together_fail_the_step()
    {
        Push(1, 0, 0, new SliceRange(0, 2), loss: float.MaxValue);
        Push(2, 0, 0, new SliceRange(2, 2), loss: float.MaxValue);

        Assert.Equal(SliceRange.Root(4), Assert.Single(Sent<ServerReported>()).Failure?.Range);
        Assert.Empty(Sent<BlockPublished>());
    }

    private static DirectServer Orders(long order, WeightVersion[] checkpoints) =>
        new(
            Epoch, order, [0, 0], [], new WeightVersion(0), [], Settled: false, ProgressAt(0), checkpoints, [1, 2, 7], new StepNumber(100), 1, Ended: false);

    private static RunProgress ProgressAt(long step) => new(new StepNumber(step), PassTotals.Empty(0), 0, 0, Stopping: false, Steering: null);

    private void Push(int worker, long step, int block, SliceRange range, float loss = 1) => Receive(
        MachineId.Worker(worker),
        new PushGradient(
            Epoch, new StepNumber(step), new BlockId(block), range, new RangeStatistics(range.Rows(8, 4), [loss]), pool.RentCopy([.. Enumerable.Repeat(0.5f, 16)])));

    private void Receive(MachineId from, Message message)
    {
        Step(new MessageArrived(from, message));
        message.Payload?.Release();
    }

    private void Step(Input input) => server.Step(input, outbox);

    private List<T> Sent<T>()
        where T : Message => [.. outbox.Effects.OfType<Send>().Select(send => send.Message).OfType<T>()];
}
