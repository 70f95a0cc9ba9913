namespace DistTrain.Protocol;

/// <summary>
/// Which versions of which blocks a worker's host has. A block's versions on all servers lie within one of each other (step
/// t + 1 needs all blocks at t + 1), so a worker that keeps the newest complete version and all newer ones can compute any
/// step that is not committed.
/// </summary>
internal sealed class InstalledVersions
{
    /// <summary>Versions remembered for a block: complete, the next, and two more that overtook them on the way.</summary>
    private const int RememberedMax = 4;

    private readonly long[] seen;
    private readonly long[] newest;
    private int behind;

    public InstalledVersions(int blocks)
    {
        seen = new long[blocks * RememberedMax];
        newest = new long[blocks];
        Reset();
    }

    /// <summary>Newest version that every block has reached: all steps before it are committed. -1 before the first.</summary>
    public WeightVersion Complete { get; private set; }

    public void Reset()
    {
        Array.Fill(seen, -1);
        Array.Fill(newest, -1);
        Complete = new WeightVersion(-1);
        behind = newest.Length;
    }

    /// <summary>Whether a block was installed at exactly this version.</summary>
    public bool Has(BlockId block, WeightVersion version) => seen[Slot(block, version)] == version.Value;

    /// <summary>Remembers a block; false when it is of no use: installed before, or older than what every block has.</summary>
    public bool Install(BlockId block, WeightVersion version)
    {
        if (version < Complete || version.Value < 0 || seen[Slot(block, version)] >= version.Value)
        {
            return false;
        }

        seen[Slot(block, version)] = version.Value;
        long before = newest[block.Value];
        newest[block.Value] = Math.Max(before, version.Value);
        if (before <= Complete.Value && version > Complete && --behind == 0)
        {
            Complete = new WeightVersion(newest.Min());
            behind = newest.Count(version => version == Complete.Value);
        }

        return true;
    }

    /// <summary>Blocks not installed at exactly this version.</summary>
    public IEnumerable<BlockId> Missing(WeightVersion version)
    {
        for (int block = 0; block < newest.Length; block++)
        {
            if (!Has(new BlockId(block), version))
            {
                yield return new BlockId(block);
            }
        }
    }

    private static int Slot(BlockId block, WeightVersion version) => (block.Value * RememberedMax) + (int)(version.Value % RememberedMax);
}
