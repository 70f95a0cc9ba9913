namespace DistTrain.Protocol;

/// <summary>
/// Memory for all weights, several times over, used in turn by version: version v of a block has its place in copy v mod
/// <see cref="Versions"/>, next to the other blocks of its run.
/// </summary>
/// <remarks>Safe for all threads: a place has one holder, by its buffer's count.</remarks>
internal sealed class WeightPlaces
{
    /// <summary>
    /// A server keeps two versions while it writes the third. Where another is still held (a checkpoint on its way to disk), the
    /// place is not free, and the block lies somewhere else.
    /// </summary>
    private const int Versions = 3;

    private readonly (int Run, int Index)[] places;
    private readonly AdjacentBuffers[][] copies;

    public WeightPlaces(BlockPlan plan)
    {
        places = [.. plan.Runs.SelectMany((range, run) => Enumerable.Range(0, range.Last - range.First + 1).Select(i => (run, i)))];
        copies = [.. Enumerable.Range(0, Versions).Select(_ => plan.Runs.Select(range => new AdjacentBuffers(plan, range)).ToArray())];
    }

    /// <summary>The block's place, with one reference held by the caller; null when it is still held by somebody.</summary>
    public BlockBuffer? TryRent(BlockId block, WeightVersion version)
    {
        (int run, int index) = places[block.Value];
        BlockBuffer place = copies[version.Value % Versions][run][index];
        return place.TryRent() ? place : null;
    }
}
