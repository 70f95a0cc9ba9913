using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Places storages so that two that live at the same time never overlap: largest first, each at the lowest offset that is free
/// during its life (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference", greedy by size).
/// </summary>
internal static class ArenaLayout
{
    /// <summary>Floats in 64 bytes: every storage starts on a cache line.</summary>
    private const int Alignment = 16;

    /// <summary>8 GiB: offsets are ints, and one array holds no more.</summary>
    private const int ArenaFloatsMax = int.MaxValue - 64;

    /// <summary>Sets every offset and returns the floats the arena needs; without reuse every storage gets memory of its own.</summary>
    public static int Place(IReadOnlyList<Storage> storages, int maxRows, bool reuse)
    {
        var placed = new List<Storage>();
        long arenaFloats = 0;
        foreach (Storage storage in storages.OrderByDescending(storage => storage.PerSample))
        {
            long offset = 0;
            foreach (Storage other in placed.Where(other => !reuse || other.LivesWith(storage)).OrderBy(other => other.Offset))
            {
                if (other.Offset - offset >= Floats(storage, maxRows))
                {
                    break;
                }

                offset = Math.Max(offset, other.Offset + Floats(other, maxRows));
            }

            arenaFloats = Math.Max(arenaFloats, offset + Floats(storage, maxRows));
            if (arenaFloats > ArenaFloatsMax)
            {
                throw new UserError($"A batch of {maxRows} samples needs more than {ArenaFloatsMax} floats at once: make the batch smaller.");
            }

            storage.Offset = (int)offset;
            placed.Add(storage);
        }

        return (int)arenaFloats;
    }

    private static long Floats(Storage storage, int maxRows) =>
        (((long)storage.PerSample * maxRows) + Alignment - 1) / Alignment * Alignment;
}
