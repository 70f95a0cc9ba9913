using DistTrain.Graph;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// Makes blocks out of parameter gradients as the backward pass completes them. A parameter within one block is written straight
/// into the block that travels; a larger one is written in one piece, then cut.
/// </summary>
/// <remarks>Belongs to one compute thread.</remarks>
internal sealed class GradientBlocks : IGradientSink
{
    private readonly BlockPlan plan;
    private readonly BlockPool pool;
    private readonly (int First, int Last)[] blocks;
    private readonly (long Offset, int Length)[] parts;
    private readonly FloatBuffer?[] whole;
    private readonly int[] parametersOf;
    private readonly int[] missing;
    private readonly BlockBuffer?[] open;
    private Action<BlockId, BlockBuffer> ready = static (_, _) => { };

    public GradientBlocks(ParameterLayout layout, BlockPlan plan, BlockPool pool)
    {
        this.plan = plan;
        this.pool = pool;
        parts = [.. layout.Parameters.Select(parameter => ((long)layout.Offsets[parameter.Index], parameter.Shape.Length))];
        blocks = Array.ConvertAll(parts, part => plan.BlocksOf(part.Offset, part.Length));
        whole = [.. blocks.Select((range, i) => range.First == range.Last ? null : new FloatBuffer(parts[i].Length))];
        parametersOf = new int[plan.Blocks.Count];
        foreach ((int first, int last) in blocks)
        {
            for (int b = first; b <= last; b++)
            {
                parametersOf[b]++;
            }
        }

        missing = new int[plan.Blocks.Count];
        open = new BlockBuffer?[plan.Blocks.Count];
    }

    /// <summary>A new range begins; what an earlier one left incomplete is dropped.</summary>
    /// <param name="ready">Gets each complete block with the reference to it.</param>
    public void Begin(Action<BlockId, BlockBuffer> ready)
    {
        this.ready = ready;
        parametersOf.CopyTo(missing, 0);
        for (int b = 0; b < open.Length; b++)
        {
            open[b]?.Release();
            open[b] = null;
        }
    }

    public Span<float> Destination(int parameterIndex)
    {
        if (whole[parameterIndex] is { } buffer)
        {
            return buffer.Span;
        }

        (long offset, int length) = parts[parameterIndex];
        Block block = plan.Blocks[blocks[parameterIndex].First];
        return Open(block).Span.Slice((int)(offset - block.Offset), length);
    }

    public void Complete(int parameterIndex)
    {
        (int first, int last) = blocks[parameterIndex];
        (long offset, int length) = parts[parameterIndex];
        for (int b = first; b <= last; b++)
        {
            Block block = plan.Blocks[b];
            if (whole[parameterIndex] is { } buffer)
            {
                long from = Math.Max(offset, block.Offset);
                long to = Math.Min(offset + length, block.End);
                buffer.Span[(int)(from - offset)..(int)(to - offset)].CopyTo(Open(block).Span[(int)(from - block.Offset)..]);
            }

            if (--missing[b] == 0)
            {
                BlockBuffer complete = Open(block);
                open[b] = null;
                ready(block.Id, complete);
            }
        }
    }

    private BlockBuffer Open(Block block) => open[block.Id.Value] ??= pool.Rent(block.Length);
}
