namespace DistTrain.Protocol;

/// <summary>A block a server owns or replicates: its version, its weights at that version and the one before, its slots and its tree.</summary>
/// <remarks>
/// Two versions are enough for everyone: a block reaches t + 1 only when every block has reached t, so whoever computes the
/// step that is open needs this version or the one before.
/// </remarks>
internal sealed class ServerBlock
{
    private readonly BlockPool pool;

    /// <summary>Begins with a state, whose buffers it retains.</summary>
    public ServerBlock(BlockState state, BlockPool pool, int slices)
    {
        Block = state.Block;
        Version = state.Version;
        Weights = state.Weights.Retain();
        Previous = state.Previous?.Retain();
        Slots = state.Slots.Retain();
        LastScale = state.LastScale;
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

    /// <summary>Sums of step <see cref="Version"/> that wait for a second worker's.</summary>
    public AuditedSums Audits { get; } = new();

    /// <summary>Factor of the gradient in the newest update: what a barrier that begins with this block ahead must give the others.</summary>
    public float LastScale { get; private set; }

    /// <summary>The state now; the caller gets a reference to each buffer.</summary>
    public BlockState State() => new(Block, Version, Weights.Retain(), Previous?.Retain(), Slots.Retain(), LastScale);

    /// <summary>Applies a complete sum: new weights beside the old; slots in place unless somebody still reads them.</summary>
    public void Apply(IBlockUpdate update, UpdateScale scale, BlockBuffer sum, RangeStatistics statistics)
    {
        BlockBuffer weights = pool.RentFor(Block, Version.Next);
        BlockBuffer slots = Slots.IsExclusive ? Slots : pool.Rent(Slots.Length);
        update.Update(
            Block, Version.Step, scale, sum.Span, statistics.WeightSum, Weights.Span, weights.Span, Slots.Span, slots.Span);
        LastScale = scale.Gradient;
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
        Audits.Clear();
        Previous?.Release();
        Weights.Release();
        Slots.Release();
    }
}
