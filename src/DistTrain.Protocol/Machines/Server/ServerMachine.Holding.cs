using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <content>
/// Blocks whose sum is complete and whose update waits: for the scale of clipping, which needs the norms of all blocks, or for
/// orders that allow the step, which bring the learning rate's factor. Everything that waits is in the blocks' trees.
/// </content>
public sealed partial class ServerMachine
{
    private readonly SortedDictionary<int, double> norms = [];
    private StepNumber scaledStep;
    private float? gradientScale;
    private long measureTick;

    private bool IsHeld(ServerBlock block) => failure is null && block.Tree.IsComplete && !forwards.Has(block.Block.Id);

    /// <summary>The root is complete: updates the block, or holds it.</summary>
    private void Complete(ServerBlock block, Outbox outbox)
    {
        if (run.ClipNorm is not null && gradientScale is null)
        {
            norms[block.Block.Id.Value] = update.SquaredNorm(block.Block, block.Tree.Sum.Span, block.Tree.Statistics.WeightSum);
            Measure(outbox);
        }
        else if (ScaleOf(block) is { } scale)
        {
            Release(block, scale, outbox);
        }
    }

    /// <summary>Sends the norms when all blocks of the server that are not ahead are held.</summary>
    private void Measure(Outbox outbox)
    {
        if (norms.Count > 0 && norms.Count == blocksAtApplied && gradientScale is null && failure is null)
        {
            measureTick = tick;
            var measured = new GradientMeasured(orders!.Epoch, Applied.Step, [.. norms.Select(norm => new BlockNorm(new BlockId(norm.Key), norm.Value))]);
            outbox.Send(MachineId.Coordinator, measured);
        }
    }

    private void Scale(GradientScaled scaled, Outbox outbox)
    {
        if (norms.Count == blocksAtApplied && gradientScale is null && scaled.Step == Applied.Step)
        {
            scaledStep = scaled.Step;
            gradientScale = scaled.Scale;
            ApplyHeld(outbox);
        }
    }

    /// <summary>Updates what was held and need not be any longer.</summary>
    private void ApplyHeld(Outbox outbox)
    {
        foreach (ServerBlock block in blocks.Values)
        {
            if (IsHeld(block) && ScaleOf(block) is { } scale)
            {
                Release(block, scale, outbox);
            }
        }
    }

    /// <summary>
    /// What the block's next update is scaled by, or null while that isn't known. Servers of a steered run know what was measured
    /// before every step they update, so a successor finds it with them.
    /// </summary>
    private UpdateScale? ScaleOf(ServerBlock block)
    {
        StepNumber step = block.Version.Step;
        bool rateKnown = run.Steering is null || step < orders!.Limit;
        bool gradientKnown = run.ClipNorm is null || (gradientScale is not null && step == scaledStep);
        return rateKnown && gradientKnown ? new UpdateScale(orders!.RateFactor, gradientScale ?? 1) : null;
    }

    /// <summary>All blocks have applied the step: the scale was used, norms of the next one may come.</summary>
    private void ForgetScale()
    {
        norms.Clear();
        gradientScale = null;
    }
}
