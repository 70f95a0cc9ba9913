using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>
/// The one barrier of a step, for jobs that clip by the global norm: norms of all blocks come in, are added in block order, and
/// the factor goes back. A server asks until it is answered, so nothing is remembered but the newest step.
/// </summary>
/// <remarks>
/// The newest step is enough: a later one begins only when every block has applied this one, so whoever asks for an earlier one
/// has been answered and asks with an old message.
/// </remarks>
internal sealed class ClippingBarrier(double clipNorm, int blocks)
{
    private readonly double?[] norms = new double?[blocks];
    private StepNumber step;
    private int missing = blocks;
    private float? scale;

    /// <summary>A run epoch begins: what was summed before it is void.</summary>
    /// <param name="first">The first step.</param>
    /// <param name="known">Its scale, when blocks are ahead that have applied it.</param>
    public void Begin(StepNumber first, float? known = null)
    {
        step = first;
        scale = known;
        missing = norms.Length;
        Array.Clear(norms);
    }

    /// <summary>A server's norms: answers it, or everyone when they were the last.</summary>
    public void Take(MachineId from, GradientMeasured measured, IEnumerable<MachineId> servers, Outbox outbox)
    {
        if (measured.Step == step.Next && scale is not null)
        {
            Begin(measured.Step);
        }

        if (measured.Step != step)
        {
            return;
        }

        if (scale is { } known)
        {
            outbox.Send(from, new GradientScaled(measured.Epoch, step, known));
            return;
        }

        foreach (BlockNorm norm in measured.Norms)
        {
            if (norm.Block.Value < norms.Length && norms[norm.Block.Value] is null)
            {
                norms[norm.Block.Value] = norm.Squared;
                missing--;
            }
        }

        if (missing == 0)
        {
            float factor = GradientNorm.Scale(clipNorm, norms.Select(norm => norm!.Value));
            scale = factor;
            foreach (MachineId server in servers)
            {
                outbox.Send(server, new GradientScaled(measured.Epoch, step, factor));
            }
        }
    }
}
