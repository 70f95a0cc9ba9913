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
    private readonly SortedSet<MachineId> subscribers = [];
    private readonly ShardCollection shards = new();
    private readonly List<StepStatistics> statistics = [];
    private HashSet<int> owned = [];

    // Whose statistics are reported: every block has the same ones.
    private BlockId lowest;
    private DirectServer? orders;
    private StepFailure? failure;

    // Blocks whose version is Applied. Invariant: above 0 once all blocks are loaded.
    private int blocksAtApplied;
    private long tick;
    private long reportTick;

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
            case BlockLoaded loaded when loaded.Epoch == orders?.Epoch:
                Load(loaded, outbox);
                break;
            case ShardStored stored when stored.Epoch == orders?.Epoch:
                Settle(new ShardOutcome(stored.Version, stored.Receipt, null), outbox);
                break;
            case ShardStoreFailed failed when failed.Epoch == orders?.Epoch:
                Settle(new ShardOutcome(failed.Version, null, failed.Reason), outbox);
                break;
        }
    }

    private void Receive(MachineId from, Message message, Outbox outbox)
    {
        switch (message)
        {
            case DirectServer direct when orders is null || direct.Order > orders.Order:
                Follow(direct, outbox);
                break;
            case PushGradient or PullBlocks when orders is not null && message.Epoch.Value < orders.Epoch.Value:
                outbox.Send(from, new Refused(orders.Epoch, RefusalReason.StaleEpoch, $"{message.Epoch} has ended, {orders.Epoch} runs"));
                break;
            case PushGradient push when push.Epoch == orders?.Epoch:
                Accept(from, push, outbox);
                break;
            case GradientScaled scaled when scaled.Epoch == orders?.Epoch:
                Scale(scaled, outbox);
                break;
            case PullBlocks pull when pull.Epoch == orders?.Epoch:
                Subscribe(from, pull, outbox);
                break;
            case Refused { Reason: RefusalReason.OtherRun or RefusalReason.TakenForLost or RefusalReason.RunEnded } refused:
                End(refused.Text, refused.Reason, outbox);
                break;
        }
    }

    private void Follow(DirectServer direct, Outbox outbox)
    {
        bool begins = orders is null || direct.Epoch != orders.Epoch;
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

        foreach (int lost in direct.LostWorkers)
        {
            subscribers.Remove(MachineId.Worker(lost));
        }

        statistics.RemoveAll(step => step.Step < direct.Committed);
        shards.Follow(direct.Checkpoints);
        foreach (ServerBlock block in blocks.Values)
        {
            shards.Note(block, owned.Count, direct.Epoch, outbox);
        }

        ApplyHeld(outbox);
        SendReport(outbox);
    }

    private void Begin(DirectServer direct, Outbox outbox)
    {
        ReleaseAll();
        subscribers.Clear();
        statistics.Clear();
        failure = null;
        ForgetScale();
        Applied = new WeightVersion(-1);
        List<BlockId> mine = [.. new BlockPlacement(direct.Owners).BlocksOf(Id)];
        owned = [.. mine.Select(block => block.Value)];
        lowest = mine.FirstOrDefault();
        if (mine.Count > 0)
        {
            outbox.Add(new LoadBlocks(direct.Epoch, direct.Start, mine));
        }
    }

    private void Load(BlockLoaded loaded, Outbox outbox)
    {
        Block block = plan[loaded.Block];
        if (!owned.Contains(block.Id.Value) || loaded.Weights.Length != block.Length)
        {
            throw new InvalidOperationException($"{Id} was given {loaded.Weights.Length} floats for {block.Id} of {block.Length}.");
        }

        if (blocks.ContainsKey(block.Id.Value))
        {
            return;
        }

        var state = new ServerBlock(block, orders!.Start, loaded.Weights, loaded.Slots, pool, run.Slices);
        blocks.Add(block.Id.Value, state);
        Open(state);
        shards.Note(state, owned.Count, orders.Epoch, outbox);
        Publish(state, outbox);
        if (blocks.Count == owned.Count)
        {
            Applied = orders.Start;
            blocksAtApplied = blocks.Count;
            SendReport(outbox);
        }
    }

    private void Publish(ServerBlock block, Outbox outbox)
    {
        foreach (MachineId worker in subscribers)
        {
            outbox.Send(worker, new BlockPublished(orders!.Epoch, block.Block.Id, block.Version, block.Weights));
        }
    }

    private void Subscribe(MachineId from, PullBlocks pull, Outbox outbox)
    {
        if (orders!.LostWorkers.Contains(from.Number))
        {
            return;
        }

        subscribers.Add(from);
        foreach (BlockId id in pull.Blocks)
        {
            if (!blocks.TryGetValue(id.Value, out ServerBlock? block))
            {
                continue;
            }

            if (block.Previous is { } previous && block.Version.Value - 1 >= pull.From.Value)
            {
                outbox.Send(from, new BlockPublished(orders.Epoch, id, new WeightVersion(block.Version.Value - 1), previous));
            }

            if (block.Version >= pull.From)
            {
                outbox.Send(from, new BlockPublished(orders.Epoch, id, block.Version, block.Weights));
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
        else if (tick - reportTick >= options.ReportTicks)
        {
            SendReport(outbox);
        }

        if (norms.Count > 0 && tick - measureTick >= options.RetryTicks)
        {
            Measure(outbox);
        }
    }

    private void SendReport(Outbox outbox)
    {
        reportTick = tick;
        long dropped = blocks.TryGetValue(lowest.Value, out ServerBlock? block) ? block.Tree.DroppedSamples : 0;
        outbox.Send(
            MachineId.Coordinator,
            new ServerReported(
                orders!.Epoch,
                orders.Order,
                Applied,
                [.. statistics.Where(step => step.Step.Before < Applied)],
                dropped,
                [.. shards.Outcomes],
                failure));
    }

    private void ReleaseAll()
    {
        foreach (ServerBlock block in blocks.Values)
        {
            block.Release();
        }

        blocks.Clear();
        shards.Clear();
    }

    private void End(string reason, RefusalReason? refusal, Outbox outbox)
    {
        HasEnded = true;
        ReleaseAll();
        outbox.Add(new Leave(reason, refusal));
    }
}
