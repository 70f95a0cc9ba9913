namespace DistTrain.Protocol;

/// <summary>Squared norm of a block's averaged gradient (<see cref="Tensors.GradientNorm"/>).</summary>
public readonly record struct BlockNorm(BlockId Block, double Squared);

/// <summary>
/// Server to coordinator, when the sums of all its blocks of a step are complete and the job clips by the global norm; repeated
/// until the scale arrives.
/// </summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Step">The step, which no block has applied.</param>
/// <param name="Norms">Of all the server's blocks, ascending.</param>
public sealed record GradientMeasured(RunEpoch Epoch, StepNumber Step, IReadOnlyList<BlockNorm> Norms) : Message(Epoch);

/// <summary>Coordinator to every server with blocks, once the norms of all blocks are known; again to one that asks again.</summary>
/// <param name="Epoch">Run epoch.</param>
/// <param name="Step">The step.</param>
/// <param name="Scale">Factor of its averaged gradient.</param>
public sealed record GradientScaled(RunEpoch Epoch, StepNumber Step, float Scale) : Message(Epoch);
