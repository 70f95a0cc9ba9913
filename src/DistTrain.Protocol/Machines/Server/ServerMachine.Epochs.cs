namespace DistTrain.Protocol;

/// <content>From one run epoch to the next: stand still, tell what there is, get the blocks of the next one.</content>
public sealed partial class ServerMachine
{
    // Said again until another run epoch begins.
    private BlocksUnreadable? unreadable;
    private long unreadableTick;

    /// <summary>All run epochs before this one have ended.</summary>
    private void Collect(CollectBlocks collect, Outbox outbox)
    {
        if (collect.Epoch > fence)
        {
            Freeze();
            fence = collect.Epoch;
        }

        if (!IsDirected)
        {
            collected ??= new BlocksCollected(
                fence,
                held.List(),
                orders?.Progress,
                [.. statistics],
                orders is null ? [] : [.. orders.Owners.Concat(orders.Replicas).Distinct().Order()]);
            outbox.Send(MachineId.Coordinator, collected);
        }
    }

    /// <summary>Ends what runs: blocks are held as they are, open sums are dropped.</summary>
    private void Freeze()
    {
        foreach (ServerBlock block in blocks.Values.Concat(replicas.Values))
        {
            held.Keep(block.State());
            block.Release();
        }

        blocks.Clear();
        replicas.Clear();
        forwards.Clear();
        fetching.Clear();
        shards.Clear();
        subscribers.Clear();
        unreadable = null;
        collected = null;
        norms.Clear();
    }

    private void Begin(DirectServer direct, Outbox outbox)
    {
        Freeze();
        fence = direct.Epoch;
        failure = null;
        ForgetScale();
        Applied = new WeightVersion(-1);
        blocksAtApplied = 0;
        owned = [.. new BlockPlacement(direct.Owners).BlocksOf(Id).Select(block => block.Value)];
        replicated = [.. new BlockPlacement(direct.Replicas).BlocksOf(Id).Select(block => block.Value)];
        lowest = new BlockId(owned.Count == 0 ? 0 : owned.Min());
        Dictionary<BlockId, BlockCopy> copies = direct.Copies.ToDictionary(copy => copy.Block);
        List<BlockId> stored = [];
        foreach (BlockId id in owned.Concat(replicated).Order().Select(block => new BlockId(block)))
        {
            if (!copies.TryGetValue(id, out BlockCopy copy))
            {
                stored.Add(id);
            }
            else if (held.Find(id) is { } state && state.Version == copy.Version)
            {
                Install(state, outbox);
            }
            else
            {
                fetching.Add(id, copy);
            }
        }

        if (stored.Count > 0)
        {
            outbox.Add(new LoadBlocks(direct.Epoch, direct.Start, stored));
        }

        fetchTimer = new RetryTimer(tick);
        Fetch(outbox);
    }

    /// <summary>Nobody asks any more for what earlier run epochs left; the statistics of their steps went with their blocks until now.</summary>
    private void DropHeld()
    {
        held.Clear();
        long newest = blocks.Values.Concat(replicas.Values).Max(block => (long?)block.Version.Value) ?? -1;
        statistics.RemoveAll(step => step.Step.Value >= newest);
    }

    private void Fetch(Outbox outbox)
    {
        foreach (IGrouping<int, BlockCopy> source in fetching.Values.GroupBy(copy => copy.Source))
        {
            outbox.Send(MachineId.Server(source.Key), new FetchBlocks(fence, [.. source.Select(copy => copy.Block)]));
        }
    }

    /// <summary>Sends what is held; what was held for a settled epoch is not asked for any more.</summary>
    private void Move(MachineId to, FetchBlocks fetch, Outbox outbox)
    {
        foreach (BlockId id in fetch.Blocks)
        {
            if (held.Find(id) is { } state)
            {
                BlockBuffer packed = state.Pack(pool);
                outbox.Send(to, new BlockMoved(fence, id, state.Version, state.Previous is not null, state.LastScale, packed));
                packed.Release();
            }
        }
    }

    private void Arrive(BlockMoved moved, Outbox outbox)
    {
        if (fetching.TryGetValue(moved.Block, out BlockCopy copy) && moved.Version == copy.Version
            && BlockState.Unpack(plan[moved.Block], moved, pool) is { } state)
        {
            fetching.Remove(moved.Block);
            fetchTimer = new RetryTimer(tick);
            Install(state, outbox);
            state.Release();
        }
    }

    private void Load(BlockLoaded loaded, Outbox outbox)
    {
        Block block = plan[loaded.Block];
        int id = block.Id.Value;
        if (!(owned.Contains(id) || replicated.Contains(id)) || loaded.Weights.Length != block.Length)
        {
            throw new InvalidOperationException($"{Id} was given {loaded.Weights.Length} floats for {block.Id} of {block.Length}.");
        }

        if (!blocks.ContainsKey(id) && !replicas.ContainsKey(id))
        {
            Install(new BlockState(block, orders!.Start, loaded.Weights, null, loaded.Slots, LastScale: 1), outbox);
        }
    }

    private void TellUnreadable(Outbox outbox)
    {
        unreadableTick = tick;
        outbox.Send(MachineId.Coordinator, unreadable!);
    }

    /// <summary>A block of this run epoch is there; retains the buffers.</summary>
    private void Install(BlockState state, Outbox outbox)
    {
        var block = new ServerBlock(state, pool, run.Slices);
        int id = state.Block.Id.Value;
        if (owned.Contains(id))
        {
            blocks.Add(id, block);
            Open(block);
            shards.Note(block, owned.Count, orders!.Epoch, outbox);
            Publish(block, outbox);
        }
        else
        {
            replicas.Add(id, block);
        }

        if (blocks.Count == owned.Count && replicas.Count == replicated.Count)
        {
            Applied = blocks.Count == 0 ? orders!.Start : blocks.Values.Min(other => other.Version);
            blocksAtApplied = blocks.Values.Count(other => other.Version == Applied);
            SendReport(outbox);
            Measure(outbox);
        }
    }
}
