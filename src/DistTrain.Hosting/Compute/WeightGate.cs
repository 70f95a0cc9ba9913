using DistTrain.Graph;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// Makes parameters out of blocks at exactly one version: a parameter within one block is used where the server put it, a larger
/// one is gathered, since kernels want it in one piece. The forward pass of a layer so begins when the layer's blocks are there.
/// </summary>
/// <remarks>Belongs to one compute thread.</remarks>
internal sealed class WeightGate : IParameterGate
{
    private readonly BlockPlan plan;
    private readonly InstalledBlocks installed;
    private readonly (int First, int Last)[] blocks;
    private readonly (long Offset, int Length)[] parts;
    private readonly FloatBuffer?[] gathered;
    private readonly BlockBuffer?[] borrowed;
    private readonly long[] at;
    private WeightVersion version;
    private Func<bool> isCancelled = static () => false;

    public WeightGate(ParameterLayout layout, BlockPlan plan, InstalledBlocks installed)
    {
        this.plan = plan;
        this.installed = installed;
        int count = layout.Parameters.Count;
        parts = [.. layout.Parameters.Select(parameter => ((long)layout.Offsets[parameter.Index], parameter.Shape.Length))];
        blocks = Array.ConvertAll(parts, part => plan.BlocksOf(part.Offset, part.Length));
        gathered = [.. blocks.Select((range, i) => range.First == range.Last ? null : new FloatBuffer(parts[i].Length))];
        borrowed = new BlockBuffer?[count];
        at = new long[count];
        Array.Fill(at, -1);
        Parameters = new ReadOnlyMemory<float>[count];
    }

    /// <summary>By parameter index; an entry holds after <see cref="WaitFor"/>.</summary>
    public ReadOnlyMemory<float>[] Parameters { get; }

    /// <summary>Parameters are of this version from now on.</summary>
    public void Begin(WeightVersion version, Func<bool> isCancelled)
    {
        this.version = version;
        this.isCancelled = isCancelled;
    }

    /// <summary>Forgets all weights: versions of another run epoch are none of this one.</summary>
    public void Clear()
    {
        for (int i = 0; i < borrowed.Length; i++)
        {
            borrowed[i]?.Release();
            borrowed[i] = null;
            at[i] = -1;
        }
    }

    /// <exception cref="OperationCanceledException">The computation was cancelled.</exception>
    public void WaitFor(int parameterIndex)
    {
        if (at[parameterIndex] == version.Value)
        {
            return;
        }

        at[parameterIndex] = -1;
        (int first, int last) = blocks[parameterIndex];
        (long offset, int length) = parts[parameterIndex];
        if (first == last)
        {
            borrowed[parameterIndex]?.Release();
            borrowed[parameterIndex] = null;
            BlockBuffer weights = installed.WaitFor(new BlockId(first), version, isCancelled);
            borrowed[parameterIndex] = weights;
            Parameters[parameterIndex] = weights.Memory.Slice((int)(offset - plan.Blocks[first].Offset), length);
        }
        else
        {
            Gather(first, last, offset, gathered[parameterIndex]!);
            Parameters[parameterIndex] = gathered[parameterIndex]!.Memory;
        }

        at[parameterIndex] = version.Value;
    }

    private void Gather(int first, int last, long offset, FloatBuffer target)
    {
        for (int b = first; b <= last; b++)
        {
            Block block = plan.Blocks[b];
            BlockBuffer weights = installed.WaitFor(block.Id, version, isCancelled);
            long from = Math.Max(offset, block.Offset);
            long to = Math.Min(offset + target.Length, block.End);
            weights.Span[(int)(from - block.Offset)..(int)(to - block.Offset)].CopyTo(target.Span[(int)(from - offset)..]);
            weights.Release();
        }
    }
}
