using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>What a node makes of its setup.</summary>
internal sealed class NodeParts
{
    private readonly BlockPlan plan;
    private readonly BlockPool pool;
    private readonly ParameterRules rules;
    private readonly Dictionary<(MachineId Server, RunEpoch Epoch, BlockId Block), BlockAssembly> loading = [];

    /// <param name="setup">What the launcher said.</param>
    /// <param name="memory">Where blocks should lie that are to be sent; null: anywhere.</param>
    public NodeParts(NodeSetup setup, IBlockMemory? memory = null)
    {
        Setup = setup;
        Job = JobFile.Parse(setup.JobYaml);
        plan = BlockPlan.Create(setup.Tensors);
        pool = new BlockPool(plan, memory);
        rules = ParameterRules.Of(Job, setup.Tensors.Select(tensor => ((int)tensor.Floats, tensor.Rule)));
    }

    public NodeSetup Setup { get; }

    public Job Job { get; }

    /// <summary>A coordinator or a server.</summary>
    /// <param name="id">Which.</param>
    /// <param name="spans">Gets where its time goes; null: nobody asks.</param>
    public IMachine Create(MachineId id, SpanBuffer? spans)
    {
        if (id.Role == MachineRole.Coordinator)
        {
            return new CoordinatorMachine(Setup.Run, plan, Setup.Options, Setup.Identity, Setup.Start!, Setup.Term);
        }

        IBlockUpdate update = new RuleUpdate(rules, LearningRates.Of(Job, Setup.TotalSteps), Setup.Optimizer);
        update = spans is null ? update : new TimedUpdate(update, id, spans);
        return new ServerMachine(id, Setup.Run, plan, Setup.Options, Setup.Identity, update, pool);
    }

    /// <param name="id">A worker.</param>
    /// <param name="identity">Of the data that it has opened itself.</param>
    public IMachine CreateWorker(MachineId id, RunIdentity identity) => new WorkerMachine(id, Setup.Run, plan, Setup.Options, identity);

    /// <summary>
    /// Memory for floats from elsewhere: published weights go next to those of this node's own server, so that a tensor whose blocks
    /// come from several servers lies in one piece all the same. Null: anywhere.
    /// </summary>
    public BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) =>
        MessageCodec.DecodePublished(head) is var (block, version) && block.Value < plan.Blocks.Count && plan[block].Length == floats
            ? pool.RentFor(plan[block], version)
            : null;

    /// <summary>Takes a part of a block that a server asked for; the block when it is complete.</summary>
    public BlockAssembly? Take(StoredPart part)
    {
        (MachineId Server, RunEpoch Epoch, BlockId Block) key = (part.Server, part.Epoch, part.Block);
        if (part.Offset == 0)
        {
            loading[key] = new BlockAssembly(plan[part.Block], rules.Optimizer.SlotCount, pool);
        }

        if (!loading.TryGetValue(key, out BlockAssembly? block) || !block.Take(part.Offset, part.Bulk.Span))
        {
            return null;
        }

        loading.Remove(key);
        return block;
    }
}
