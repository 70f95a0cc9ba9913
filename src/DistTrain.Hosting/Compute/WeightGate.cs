using System.Runtime.InteropServices;
using DistTrain.Graph;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// Makes parameters out of blocks at exactly one version, used where the server put them. A parameter of several blocks is gathered
/// when they don't lie next to each other (<see cref="BlockPool.RentFor"/>), since kernels want it in one piece. The forward pass of a
/// layer so begins when the layer's blocks are there.
/// </summary>
/// <remarks>Belongs to one compute thread.</remarks>
internal sealed class WeightGate : IParameterGate
{
    private readonly BlockPlan plan;
    private readonly InstalledBlocks installed;
    private readonly Action onLayer;
    private readonly (int First, int Last)[] blocks;
    private readonly (long Offset, int Length)[] parts;
    private readonly FloatBuffer?[] gathered;
    private readonly BlockBuffer?[][] borrowed;
    private readonly long[] at;
    private WeightVersion version;
    private Func<bool> isCancelled = static () => false;

    /// <param name="layout">The parameters.</param>
    /// <param name="plan">Their blocks.</param>
    /// <param name="installed">Where they come from.</param>
    /// <param name="onLayer">Called whenever a layer begins.</param>
    public WeightGate(ParameterLayout layout, BlockPlan plan, InstalledBlocks installed, Action onLayer)
    {
        this.onLayer = onLayer;
        this.plan = plan;
        this.installed = installed;
        int count = layout.Parameters.Count;
        parts = [.. layout.Parameters.Select(parameter => ((long)layout.Offsets[parameter.Index], parameter.Shape.Length))];
        blocks = Array.ConvertAll(parts, part => plan.BlocksOf(part.Offset, part.Length));
        gathered = new FloatBuffer?[count];
        borrowed = Array.ConvertAll(blocks, range => new BlockBuffer?[range.Last - range.First + 1]);
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
            Release(i);
        }
    }

    /// <exception cref="OperationCanceledException">The computation was cancelled.</exception>
    public void WaitFor(int parameterIndex)
    {
        onLayer();
        if (isCancelled())
        {
            throw new OperationCanceledException();
        }

        if (at[parameterIndex] == version.Value)
        {
            return;
        }

        Release(parameterIndex);
        (int first, _) = blocks[parameterIndex];
        BlockBuffer?[] held = borrowed[parameterIndex];
        installed.WaitFor(first, version, held, isCancelled);
        (long offset, int length) = parts[parameterIndex];
        Parameters[parameterIndex] = Joined(held, (int)(offset - plan.Blocks[first].Offset), length) ?? Gather(parameterIndex);
        at[parameterIndex] = version.Value;
    }

    /// <summary>The floats from an offset in the first buffer on, when the buffers are one run of memory; null when they are not.</summary>
    private static ReadOnlyMemory<float>? Joined(BlockBuffer?[] buffers, int offset, int length)
    {
        (object owner, int start, int end, Memory<float> all) = Place(buffers[0]!);
        for (int i = 1; i < buffers.Length; i++)
        {
            (object nextOwner, int nextStart, int nextEnd, _) = Place(buffers[i]!);
            if (nextOwner != owner || nextStart != end)
            {
                return null;
            }

            end = nextEnd;
        }

        return all.Slice(start + offset, length);
    }

    /// <summary>What a buffer is a part of, and of which floats of it.</summary>
    private static (object Owner, int Start, int End, Memory<float> All) Place(BlockBuffer buffer)
    {
        if (MemoryMarshal.TryGetArray(buffer.Memory, out ArraySegment<float> part))
        {
            return (part.Array!, part.Offset, part.Offset + part.Count, part.Array);
        }

        MemoryMarshal.TryGetMemoryManager<float, SharedRegion>(buffer.Memory, out SharedRegion? shared, out int start, out int count);
        return (shared!, start, start + count, shared!.Memory);
    }

    private ReadOnlyMemory<float> Gather(int parameterIndex)
    {
        (int first, int last) = blocks[parameterIndex];
        (long offset, int length) = parts[parameterIndex];
        FloatBuffer target = gathered[parameterIndex] ??= new FloatBuffer(length);
        for (int b = first; b <= last; b++)
        {
            Block block = plan.Blocks[b];
            long from = Math.Max(offset, block.Offset);
            long to = Math.Min(offset + length, block.End);
            borrowed[parameterIndex][b - first]!.Span[(int)(from - block.Offset)..(int)(to - block.Offset)].CopyTo(target.Span[(int)(from - offset)..]);
        }

        Release(parameterIndex);
        return target.Memory;
    }

    private void Release(int parameterIndex)
    {
        at[parameterIndex] = -1;
        foreach (ref BlockBuffer? held in borrowed[parameterIndex].AsSpan())
        {
            held?.Release();
            held = null;
        }
    }
}
