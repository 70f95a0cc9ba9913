namespace DistTrain.Protocol;

/// <summary>A block a server owns: its version, its weights at that version and the one before, its slots and its tree.</summary>
/// <remarks>
/// Two versions are enough for everyone: a block reaches t + 1 only when every block has reached t, so whoever computes the
/// step that is open needs this version or the one before.
/// </remarks>
internal sealed class ServerBlock
{
    private readonly BlockPool pool;

    public ServerBlock(Block block, WeightVersion version, BlockBuffer weights, BlockBuffer slots, BlockPool pool, int slices)
    {
        Block = block;
        Version = version;
        Weights = weights.Retain();
        Slots = slots.Retain();
        Tree = new ReductionTree(pool, slices);
        this.pool = pool;
    }

    public Block Block { get; }

    /// <summary>Invariant: grows by one with each update and never otherwise.</summary>
    public WeightVersion Version { get; private set; }

    public BlockBuffer Weights { get; private set; }

    /// <summary>The weights of Version - 1, or null before the first update.</summary>
    public BlockBuffer? Previous { get; private set; }

    public BlockBuffer Slots { get; private set; }

    /// <summary>The sum of step <see cref="Version"/>.</summary>
    public ReductionTree Tree { get; }

    /// <summary>Applies the complete tree: new weights beside the old; slots in place unless a checkpoint still reads them.</summary>
    public void Apply(IBlockUpdate update, UpdateScale scale)
    {
        BlockBuffer weights = pool.RentFor(Block, Version.Next);
        BlockBuffer slots = Slots.IsExclusive ? Slots : pool.Rent(Slots.Length);
        update.Update(
            Block, Version.Step, scale, Tree.Sum.Span, Tree.Statistics.WeightSum, Weights.Span, weights.Span, Slots.Span, slots.Span);
        if (!ReferenceEquals(slots, Slots))
        {
            Slots.Release();
            Slots = slots;
        }

        Previous?.Release();
        Previous = Weights;
        Weights = weights;
        Version = Version.Next;
    }

    public void Release()
    {
        Tree.Drop();
        Previous?.Release();
        Weights.Release();
        Slots.Release();
    }
}
