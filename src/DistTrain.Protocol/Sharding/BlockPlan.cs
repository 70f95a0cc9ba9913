namespace DistTrain.Protocol;

/// <summary>
/// The flat parameter vector cut into blocks, in order and without gaps. Depends on the tensors alone, never on the number of
/// servers: sums that run over blocks in order (a global norm) must not change with the cluster.
/// </summary>
/// <remarks>
/// A tensor above <see cref="ProtocolLimits.BlockFloatsMax"/> is cut into blocks of that size and a rest. A tensor joins the
/// block before it when that stays within <see cref="ProtocolLimits.SharedBlockFloatsMax"/>, or when the tensor is tiny and
/// the block has room. A tensor that fits a block is never cut.
/// </remarks>
public sealed class BlockPlan
{
    private readonly TensorLength[] tensors;
    private readonly long[] tensorOffsets;
    private readonly Block[] blocks;

    private BlockPlan(TensorLength[] tensors, long[] tensorOffsets, Block[] blocks)
    {
        this.tensors = tensors;
        this.tensorOffsets = tensorOffsets;
        this.blocks = blocks;
        Runs = FindRuns();
    }

    /// <summary>All blocks, by id.</summary>
    public IReadOnlyList<Block> Blocks => blocks;

    /// <summary>
    /// Blocks that a common tensor spans, as first and last index, in order and without gaps; a block of whole tensors stands alone.
    /// Memory that holds a run in one piece holds every tensor in one piece.
    /// </summary>
    public IReadOnlyList<(int First, int Last)> Runs { get; }

    /// <summary>Floats of the flat vector.</summary>
    public long Floats => blocks.Length == 0 ? 0 : blocks[^1].End;

    public Block this[BlockId id] => blocks[id.Value];

    /// <summary>The plan for tensors in the order of the flat vector.</summary>
    /// <param name="tensors">Name and length of each, in the order of the flat vector.</param>
    /// <param name="blockFloatsMax">Floats of the largest block; smaller than the default only to have many blocks in a small test.</param>
    /// <exception cref="ArgumentException">A tensor is empty, there is none, or the blocks are more than <see cref="ProtocolLimits.BlocksMax"/>.</exception>
    public static BlockPlan Create(IReadOnlyList<TensorLength> tensors, int blockFloatsMax = ProtocolLimits.BlockFloatsMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockFloatsMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockFloatsMax, ProtocolLimits.BlockFloatsMax);
        var blocks = new List<Block>();
        long[] offsets = new long[tensors.Count];
        long offset = 0;
        for (int i = 0; i < tensors.Count; i++)
        {
            if (tensors[i].Floats < 1)
            {
                throw new ArgumentException($"Tensor {tensors[i].Name} has {tensors[i].Floats} floats.", nameof(tensors));
            }

            offsets[i] = offset;
            Append(blocks, offset, tensors[i].Floats, blockFloatsMax);
            offset += tensors[i].Floats;
        }

        if (blocks.Count is 0 or > ProtocolLimits.BlocksMax)
        {
            throw new ArgumentException($"{tensors.Count} tensors give {blocks.Count} blocks; allowed are 1 to {ProtocolLimits.BlocksMax}.", nameof(tensors));
        }

        return new BlockPlan([.. tensors], offsets, [.. blocks]);
    }

    /// <summary>The name of the tensor that float <paramref name="index"/> of a block belongs to.</summary>
    public string TensorAt(BlockId id, int index)
    {
        int found = Array.BinarySearch(tensorOffsets, this[id].Offset + index);
        return tensors[found >= 0 ? found : ~found - 1].Name;
    }

    /// <summary>The blocks that hold any of the floats [offset, offset + length): what must be there before a tensor is used.</summary>
    public (int First, int Last) BlocksOf(long offset, long length)
    {
        int first = Array.FindIndex(blocks, block => block.End > offset);
        int last = Array.FindLastIndex(blocks, block => block.Offset < offset + length);
        return (first, last);
    }

    private List<(int First, int Last)> FindRuns()
    {
        var runs = new List<(int First, int Last)>();
        for (int i = 0; i < tensors.Length; i++)
        {
            (int first, int last) = BlocksOf(tensorOffsets[i], tensors[i].Floats);
            if (runs.Count > 0 && first <= runs[^1].Last)
            {
                runs[^1] = (runs[^1].First, last);
            }
            else
            {
                runs.Add((first, last));
            }
        }

        return runs;
    }

    private static void Append(List<Block> blocks, long offset, long length, int blockFloatsMax)
    {
        if (blocks.Count > 0)
        {
            Block last = blocks[^1];
            long joined = last.Length + length;
            bool joins = joined <= Math.Min(ProtocolLimits.SharedBlockFloatsMax, blockFloatsMax)
                || (length <= ProtocolLimits.TinyTensorFloatsMax && joined <= blockFloatsMax);
            if (joins)
            {
                blocks[^1] = last with { Length = (int)joined };
                return;
            }
        }

        while (length > 0)
        {
            int part = (int)Math.Min(length, blockFloatsMax);
            blocks.Add(new Block(new BlockId(blocks.Count), offset, part));
            offset += part;
            length -= part;
        }
    }
}
