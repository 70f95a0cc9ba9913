namespace DistTrain.Protocol;

/// <summary>The state of a block at a version, with a reference to each buffer.</summary>
/// <param name="Block">The block.</param>
/// <param name="Version">Of weights and slots.</param>
/// <param name="Weights">The weights.</param>
/// <param name="Previous">The weights of the version before, or null.</param>
/// <param name="Slots">The rule's state.</param>
/// <param name="LastScale">Factor of the gradient in the newest update.</param>
internal sealed record BlockState(Block Block, WeightVersion Version, BlockBuffer Weights, BlockBuffer? Previous, BlockBuffer Slots, float LastScale)
{
    /// <summary>Takes the floats of <see cref="BlockMoved"/> apart; null when they are too few.</summary>
    public static BlockState? Unpack(Block block, BlockMoved moved, BlockPool pool)
    {
        int weights = moved.HasPrevious ? 2 * block.Length : block.Length;
        if (moved.State.Length < weights)
        {
            return null;
        }

        ReadOnlySpan<float> floats = moved.State.Span;
        return new BlockState(
            block,
            moved.Version,
            pool.RentCopy(floats[..block.Length]),
            moved.HasPrevious ? pool.RentCopy(floats[block.Length..weights]) : null,
            pool.RentCopy(floats[weights..]),
            moved.LastScale);
    }

    /// <summary>All floats in one rented buffer, in the order of <see cref="BlockMoved"/>.</summary>
    public BlockBuffer Pack(BlockPool pool)
    {
        int weights = Previous is null ? Block.Length : 2 * Block.Length;
        BlockBuffer packed = pool.Rent(weights + Slots.Length);
        Weights.Span.CopyTo(packed.Span);
        if (Previous is not null)
        {
            Previous.Span.CopyTo(packed.Span[Block.Length..]);
        }

        Slots.Span.CopyTo(packed.Span[weights..]);
        return packed;
    }

    public void Release()
    {
        Weights.Release();
        Previous?.Release();
        Slots.Release();
    }
}
