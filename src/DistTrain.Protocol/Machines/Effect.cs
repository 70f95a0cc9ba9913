using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>What a machine asks its host to do.</summary>
public abstract record Effect
{
    /// <summary>Buffers the effect names; the outbox holds one reference to each until the host releases the effect.</summary>
    public virtual IEnumerable<BlockBuffer> Buffers => [];

    /// <summary>To be called by the host once, when the effect is performed: for a message, after the receiver's Step returned or the bytes were written.</summary>
    public void Release()
    {
        foreach (BlockBuffer buffer in Buffers)
        {
            buffer.Release();
        }
    }
}

/// <summary>Deliver a message, or lose it: machines repeat what matters.</summary>
public sealed record Send(MachineId To, Message Message) : Effect
{
    public override IEnumerable<BlockBuffer> Buffers => Message.Payload is { } payload ? [payload] : [];
}

/// <summary>Tell people: progress, results, losses. Has no answer.</summary>
public sealed record Report(RunEvent Event) : Effect;

/// <summary>
/// Worker: compute the gradient of a range and answer with a <see cref="BlockGradientReady"/> for each block. Requests are
/// performed in the order asked, one after the other. Each parameter is used only when its blocks are installed at exactly the
/// version of the step; until then the computation waits.
/// </summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Step">The step.</param>
/// <param name="Range">A range with at least one sample.</param>
public sealed record ComputeRange(RunEpoch Epoch, StepNumber Step, SliceRange Range) : Effect;

/// <summary>Worker: compute the sums of a batch of an evaluation set on exactly this version, in order with the other requests.</summary>
public sealed record ComputeEvaluation(RunEpoch Epoch, WeightVersion Version, EvaluationBatch Batch) : Effect;

/// <summary>
/// Worker: forget every computation asked for and not answered, one that waits for blocks included. Answers that are already on
/// their way may still come.
/// </summary>
public sealed record CancelComputations(RunEpoch Epoch) : Effect;

/// <summary>Worker: these are the weights of a block at a version. The host retains them until <see cref="DropVersions"/>.</summary>
public sealed record InstallBlock(RunEpoch Epoch, BlockId Block, WeightVersion Version, BlockBuffer Weights) : Effect
{
    public override IEnumerable<BlockBuffer> Buffers => [Weights];
}

/// <summary>Worker: blocks of versions below this one are not asked for again. What a running computation uses, the host keeps itself.</summary>
public sealed record DropVersions(RunEpoch Epoch, WeightVersion Below) : Effect;

/// <summary>Worker: a new run epoch begins; drop all blocks and computations of the one before.</summary>
public sealed record BeginEpoch(RunEpoch Epoch) : Effect;

/// <summary>Server: get these blocks at a version (initial values, or a checkpoint) and answer with a <see cref="BlockLoaded"/> for each, or with <see cref="LoadFailed"/>.</summary>
public sealed record LoadBlocks(RunEpoch Epoch, WeightVersion Version, IReadOnlyList<BlockId> Blocks) : Effect;

/// <summary>A block of a checkpoint, of exactly the shard's version.</summary>
public sealed record StoredBlock(BlockId Block, BlockBuffer Weights, BlockBuffer Slots);

/// <summary>Server: store these blocks for good and answer <see cref="ShardStored"/> or <see cref="ShardStoreFailed"/>. May take long; training goes on.</summary>
public sealed record StoreShard(RunEpoch Epoch, WeightVersion Version, IReadOnlyList<StoredBlock> Blocks) : Effect
{
    public override IEnumerable<BlockBuffer> Buffers => Blocks.SelectMany(block => new[] { block.Weights, block.Slots });
}

/// <summary>A server's shard, as the manifest names it.</summary>
public sealed record ShardReceipt(MachineId Server, string Receipt);

/// <summary>
/// Coordinator: every shard of a version is stored; make the checkpoint valid by storing this, and answer
/// <see cref="ManifestCommitted"/> or <see cref="ManifestFailed"/>.
/// </summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Version">Of the weights.</param>
/// <param name="Shards">One for each server that owns blocks, ascending.</param>
/// <param name="Totals">Of the pass that version stands in, as of that version: what a resumed coordinator starts from.</param>
/// <param name="Steering">Before the version was measured; likewise. Its best version's checkpoint must be kept.</param>
public sealed record CommitManifest(
    RunEpoch Epoch, WeightVersion Version, IReadOnlyList<ShardReceipt> Shards, PassTotals Totals, SteeringState Steering) : Effect;

/// <summary>Any machine: its part is over, the host may let it go.</summary>
/// <param name="Reason">For people.</param>
/// <param name="Refusal">Why it was refused; null when the run ended in order.</param>
public sealed record Leave(string Reason, RefusalReason? Refusal) : Effect;
