namespace DistTrain.Protocol;

/// <summary>
/// Owns blocks: completes each block's tree, applies the update, publishes the new version. Blocks advance independently; no
/// step begins or ends for a server as a whole.
/// </summary>
/// <remarks>States: joining -> loading -> serving (one run epoch after another) -> left. See README.md.</remarks>
public sealed partial class ServerMachine : IMachine
{
    private readonly RunPlan run;
    private readonly BlockPlan plan;
    private readonly ProtocolOptions options;
    private readonly RunIdentity identity;
    private readonly IBlockUpdate update;
    private readonly BlockPool pool;
    private readonly SortedDictionary<int, ServerBlock> blocks = [];
    private readonly SortedDictionary<int, ServerBlock> replicas = [];
    private readonly HeldBlocks held = new();
    private readonly Dictionary<BlockId, BlockCopy> fetching = [];
    private readonly ForwardedSums forwards = new();

    // Workers that pulled, with the order they had seen then.
    private readonly SortedDictionary<MachineId, long> subscribers = [];
    private readonly ShardCollection shards = new();
    private readonly List<StepStatistics> statistics = [];
    private HashSet<int> owned = [];
    private HashSet<int> replicated = [];

    // Whose dropped samples are reported.
    private BlockId lowest;
    private DirectServer? orders;
    private BlocksCollected? collected;

    // Messages of run epochs before this one are not acted upon. Invariant: never goes back.
    private RunEpoch fence;
    private bool leaving;
    private StepFailure? failure;

    // Blocks whose version is Applied. Invariant: above 0 once all blocks are loaded.
    private int blocksAtApplied;
    private long tick;
    private long reportTick;
    private RetryTimer fetchTimer;

    /// <param name="id">A number never used before in this run.</param>
    /// <param name="run">The same on every machine.</param>
    /// <param name="blocks">The same on every machine.</param>
    /// <param name="options">Validated.</param>
    /// <param name="identity">For the handshake.</param>
    /// <param name="update">The job's update rule.</param>
    /// <param name="pool">Where sums and new weights are rented.</param>
    public ServerMachine(MachineId id, RunPlan run, BlockPlan blocks, ProtocolOptions options, RunIdentity identity, IBlockUpdate update, BlockPool pool)
    {
        Id = id;
        this.run = run.Validated();
        plan = blocks;
        this.options = options.Validated();
        this.identity = identity;
        this.update = update;
        this.pool = pool;
    }

    public MachineId Id { get; }

    public bool HasEnded { get; private set; }

    /// <summary>All owned blocks have at least this version; -1 while some are not loaded.</summary>
    public WeightVersion Applied { get; private set; } = new(-1);

    /// <summary>Whether the run epoch that runs is the one the server was directed in.</summary>
    private bool IsDirected => orders is not null && orders.Epoch == fence;

    /// <inheritdoc/>
    public void Step(Input input, Outbox outbox)
    {
        if (HasEnded)
        {
            return;
        }

        switch (input)
        {
            case MachineStarted started:
                tick = started.Tick;
                Join(outbox);
                break;
            case Ticked ticked:
                tick = ticked.Tick;
                Repeat(outbox);
                break;
            case MessageArrived arrived:
                Receive(arrived.From, arrived.Message, outbox);
                break;
            case LeaveRequested:
                leaving = true;
                outbox.Send(MachineId.Coordinator, new LeaveRun(fence));
                break;
            case BlockLoaded loaded when IsDirected && loaded.Epoch == fence:
                Load(loaded, outbox);
                break;
            case LoadFailed failed when IsDirected && failed.Epoch == fence:
                unreadable = new BlocksUnreadable(fence, failed.Version, failed.Reason);
                TellUnreadable(outbox);
                break;
            case ShardStored stored when IsDirected && stored.Epoch == fence:
                Settle(new ShardOutcome(stored.Version, stored.Receipt, null), outbox);
                break;
            case ShardStoreFailed failed when IsDirected && failed.Epoch == fence:
                Settle(new ShardOutcome(failed.Version, null, failed.Reason), outbox);
                break;
        }
    }

    private void Receive(MachineId from, Message message, Outbox outbox)
    {
        switch (message)
        {
            case DirectServer or CollectBlocks when message.Epoch.Term < fence.Term:
                outbox.Send(from, new Refused(fence, RefusalReason.StaleEpoch, $"{message.Epoch} has ended, {fence} runs"));
                break;
            case CollectBlocks collect when collect.Epoch >= fence:
                Collect(collect, outbox);
                break;
            case DirectServer direct when direct.Epoch >= fence && (!IsDirected || direct.Epoch > fence || direct.Order > orders!.Order):
                Follow(direct, outbox);
                break;
            case PushGradient or PullBlocks when message.Epoch < fence:
                outbox.Send(from, new Refused(fence, RefusalReason.StaleEpoch, $"{message.Epoch} has ended, {fence} runs"));
                break;
            case FetchBlocks fetch when fetch.Epoch == fence:
                Move(from, fetch, outbox);
                break;
            case PushGradient push when IsDirected && push.Epoch == fence:
                Accept(from, push, outbox);
                break;
            case GradientScaled scaled when IsDirected && scaled.Epoch == fence:
                Scale(scaled, outbox);
                break;
            case PullBlocks pull when IsDirected && pull.Epoch == fence:
                Subscribe(from, pull, outbox);
                break;
            case ForwardSum forward when IsDirected && forward.Epoch == fence:
                Take(from, forward, outbox);
                break;
            case SumTaken taken when IsDirected && taken.Epoch == fence:
                Take(taken, outbox);
                break;
            case BlockMoved moved when IsDirected && moved.Epoch == fence:
                Arrive(moved, outbox);
                break;
            case Refused { Reason: RefusalReason.OtherRun or RefusalReason.TakenForLost or RefusalReason.RunEnded } refused:
                End(refused.Text, refused.Reason, outbox);
                break;
        }
    }

    private void Follow(DirectServer direct, Outbox outbox)
    {
        bool begins = !IsDirected || direct.Epoch != fence;
        orders = direct;
        if (direct.Ended)
        {
            SendReport(outbox);
            End("the run has ended", refusal: null, outbox);
            return;
        }

        if (begins)
        {
            Begin(direct, outbox);
        }

        if (direct.Settled)
        {
            DropHeld();
        }

        foreach (MachineId worker in subscribers.Keys.Where(worker => !IsServed(worker, subscribers[worker])).ToList())
        {
            subscribers.Remove(worker);
        }

        statistics.RemoveAll(step => step.Step < direct.Progress.Committed);
        shards.Follow(direct.Checkpoints);
        foreach (ServerBlock block in blocks.Values)
        {
            shards.Note(block, owned.Count, direct.Epoch, outbox);
        }

        FollowAudits(direct, outbox);
        ApplyHeld(outbox);
        SendReport(outbox);
    }

    private void Publish(ServerBlock block, Outbox outbox)
    {
        foreach (MachineId worker in subscribers.Keys)
        {
            outbox.Send(worker, new BlockPublished(orders!.Epoch, block.Block.Id, block.Version, block.Weights));
        }
    }

    /// <summary>Whether a worker is a member, or has seen an order that this server has not and may have become one by it.</summary>
    private bool IsServed(MachineId worker, long orderSeen) => orderSeen > orders!.Order || orders.Workers.Contains(worker.Number);

    private void Subscribe(MachineId from, PullBlocks pull, Outbox outbox)
    {
        if (!IsServed(from, pull.Order))
        {
            return;
        }

        subscribers[from] = pull.Order;
        foreach (BlockId id in pull.Blocks)
        {
            if (!blocks.TryGetValue(id.Value, out ServerBlock? block))
            {
                continue;
            }

            if (block.Previous is { } previous && block.Version.Value - 1 >= pull.From.Value)
            {
                outbox.Send(from, new BlockPublished(fence, id, new WeightVersion(block.Version.Value - 1), previous));
            }

            if (block.Version >= pull.From)
            {
                outbox.Send(from, new BlockPublished(fence, id, block.Version, block.Weights));
            }
        }
    }

    private void Settle(ShardOutcome outcome, Outbox outbox)
    {
        if (shards.Settle(outcome))
        {
            SendReport(outbox);
        }
    }

    private void Join(Outbox outbox)
    {
        reportTick = tick;
        outbox.Send(MachineId.Coordinator, new JoinRun(orders?.Epoch ?? default, identity));
    }

    private void Repeat(Outbox outbox)
    {
        if (orders is null)
        {
            if (tick - reportTick >= options.RetryTicks)
            {
                Join(outbox);
            }
        }
        else if (tick - reportTick >= (Applied > appliedReported ? options.NewsTicks : options.ReportTicks))
        {
            SendReport(outbox);
            if (leaving)
            {
                outbox.Send(MachineId.Coordinator, new LeaveRun(fence));
            }
        }

        forwards.Repeat(tick, options.RetryTicks, outbox);
        if (fetching.Count > 0 && fetchTimer.IsDue(tick, options.RetryTicks))
        {
            Fetch(outbox);
        }

        if (unreadable is not null && tick - unreadableTick >= options.RetryTicks)
        {
            TellUnreadable(outbox);
        }

        if (norms.Count > 0 && tick - measureTick >= options.RetryTicks)
        {
            Measure(outbox);
        }
    }

    private void End(string reason, RefusalReason? refusal, Outbox outbox)
    {
        HasEnded = true;
        Freeze();
        held.Clear();
        outbox.Add(new Leave(reason, refusal));
    }
}
