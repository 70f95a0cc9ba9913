namespace DistTrain.Protocol;

/// <summary>
/// Memory for all weights, several times over: the blocks of a run of blocks at one version lie next to each other, in a copy of which
/// nothing was held when the version's first block came.
/// </summary>
/// <remarks>
/// Safe for all threads: a place has one holder, by its buffer's count. Rejected: copy = version mod 3. While a checkpoint held one
/// version on its way to the disk, every third version lay elsewhere and was gathered before each use (measured: 24 M weights).
/// </remarks>
internal sealed class WeightPlaces
{
    /// <summary>A server keeps two versions while it writes the third, and a checkpoint may hold a fourth; with more, blocks lie somewhere else.</summary>
    private const int CopiesMax = 4;

    private readonly (int Run, int Index)[] places;
    private readonly RunPlaces[] runs;

    public WeightPlaces(BlockPlan plan, IBlockMemory? memory)
    {
        places = [.. plan.Runs.SelectMany((range, run) => Enumerable.Range(0, range.Last - range.First + 1).Select(i => (run, i)))];
        runs = [.. plan.Runs.Select(range => new RunPlaces(plan, range, memory))];
    }

    /// <summary>The block's place, with one reference held by the caller; null when it is still held by somebody.</summary>
    public BlockBuffer? TryRent(BlockId block, WeightVersion version)
    {
        (int run, int index) = places[block.Value];
        AdjacentBuffers? copy;
        lock (runs[run])
        {
            copy = runs[run].CopyFor(version);
        }

        return copy?[index] is { } place && place.TryRent() ? place : null;
    }

    /// <summary>Copies of one run of blocks, made when they are first needed.</summary>
    private sealed class RunPlaces(BlockPlan plan, (int First, int Last) range, IBlockMemory? memory)
    {
        private readonly List<(WeightVersion Version, AdjacentBuffers Buffers)> copies = [];

        public AdjacentBuffers? CopyFor(WeightVersion version)
        {
            int found = copies.FindIndex(copy => copy.Version == version);
            if (found >= 0)
            {
                return copies[found].Buffers;
            }

            memory?.Reclaim();
            found = copies.FindIndex(copy => copy.Buffers.IsFree);
            if (found >= 0)
            {
                copies[found] = (version, copies[found].Buffers);
                return copies[found].Buffers;
            }

            if (copies.Count == CopiesMax)
            {
                return null;
            }

            copies.Add((version, new AdjacentBuffers(plan, range, memory)));
            return copies[^1].Buffers;
        }
    }
}
