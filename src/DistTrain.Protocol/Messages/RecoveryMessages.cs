namespace DistTrain.Protocol;

/// <summary>
/// Coordinator to server: all run epochs before this one have ended. Repeated until answered; from then on the server stands
/// still until it is directed.
/// </summary>
/// <param name="Epoch">The run epoch that will begin.</param>
public sealed record CollectBlocks(RunEpoch Epoch) : Message(Epoch);

/// <summary>A block that a server holds, owned or as a replica, of this run epoch or kept from the one before.</summary>
/// <param name="Block">The block.</param>
/// <param name="Version">Of its weights and slots.</param>
/// <param name="HasPrevious">Whether the weights of the version before are there too.</param>
/// <param name="LastScale">Factor of the gradient in its newest update.</param>
/// <param name="Hash">Of weights and slots: copies of one version must have one.</param>
public readonly record struct HeldBlock(BlockId Block, WeightVersion Version, bool HasPrevious, float LastScale, long Hash);

/// <summary>Server to coordinator, for each <see cref="CollectBlocks"/>: all that it has.</summary>
/// <param name="Epoch">Of the question.</param>
/// <param name="Held">Ascending.</param>
/// <param name="Progress">The newest it was told; null when it was never directed.</param>
/// <param name="Statistics">Of steps not known to be committed, ascending.</param>
/// <param name="Peers">Servers that had blocks in the last run epoch it knows: a successor waits for them.</param>
public sealed record BlocksCollected(
    RunEpoch Epoch,
    IReadOnlyList<HeldBlock> Held,
    RunProgress? Progress,
    IReadOnlyList<StepStatistics> Statistics,
    IReadOnlyList<int> Peers) : Message(Epoch);

/// <summary>A block's owner to its replica: a complete sum, before anybody else hears of it; repeated until taken.</summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Step">The step.</param>
/// <param name="Block">The block.</param>
/// <param name="Scale">Of the update.</param>
/// <param name="Statistics">Of the whole batch.</param>
/// <param name="Sum">The root of the tree.</param>
public sealed record ForwardSum(RunEpoch Epoch, StepNumber Step, BlockId Block, UpdateScale Scale, RangeStatistics Statistics, BlockBuffer Sum) : Message(Epoch)
{
    public override BlockBuffer Payload => Sum;

    public override int Urgency => 1 + Block.Value;
}

/// <summary>Replica to owner: the sum of this step is taken, so its update can no longer be lost; the owner may apply and publish it.</summary>
public sealed record SumTaken(RunEpoch Epoch, StepNumber Step, BlockId Block) : Message(Epoch);

/// <summary>Server to server, when a run epoch begins: send me these; repeated until all are there.</summary>
public sealed record FetchBlocks(RunEpoch Epoch, IReadOnlyList<BlockId> Blocks) : Message(Epoch);

/// <summary>Server to server: a held block.</summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Block">The block.</param>
/// <param name="Version">Its version.</param>
/// <param name="HasPrevious">Whether <paramref name="State"/> has the weights of the version before.</param>
/// <param name="LastScale">Factor of the gradient in its newest update.</param>
/// <param name="State">Weights, previous weights if any, slots: one after the other.</param>
public sealed record BlockMoved(RunEpoch Epoch, BlockId Block, WeightVersion Version, bool HasPrevious, float LastScale, BlockBuffer State) : Message(Epoch)
{
    public override BlockBuffer Payload => State;

    public override int Urgency => 1 + Block.Value;
}

/// <summary>Server to coordinator: the checkpoint that the run epoch begins with cannot be read; repeated until another one begins.</summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Version">Of the checkpoint.</param>
/// <param name="Reason">For people: which file, and what is wrong with it.</param>
public sealed record BlocksUnreadable(RunEpoch Epoch, WeightVersion Version, string Reason) : Message(Epoch);

/// <summary>Server or worker to coordinator: wants to leave when it is not needed any more; repeated until told to stop.</summary>
public sealed record LeaveRun(RunEpoch Epoch) : Message(Epoch);
