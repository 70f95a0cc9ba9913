using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DistTrain.Protocol;

/// <summary>
/// What a server keeps of run epochs that have ended, until the one that follows is settled: whatever the coordinator chose can
/// then still be moved, and a second change on top of the first finds all that the first one had.
/// </summary>
/// <remarks>A version has one possible value, so of two copies of a block only the newer one is worth keeping.</remarks>
internal sealed class HeldBlocks
{
    private readonly SortedDictionary<int, BlockState> held = [];

    /// <summary>Takes over a state with its references, unless a newer one is held.</summary>
    public void Keep(BlockState state)
    {
        if (held.TryGetValue(state.Block.Id.Value, out BlockState? known))
        {
            bool isBetter = state.Version > known.Version || (state.Version == known.Version && known.Previous is null);
            (isBetter ? known : state).Release();
            if (!isBetter)
            {
                return;
            }
        }

        held[state.Block.Id.Value] = state;
    }

    /// <summary>The state of a block, or null.</summary>
    public BlockState? Find(BlockId block) => held.GetValueOrDefault(block.Value);

    /// <summary>All there is, as the coordinator is told.</summary>
    public List<HeldBlock> List() =>
        [.. held.Values.Select(state => new HeldBlock(state.Block.Id, state.Version, state.Previous is not null, state.LastScale, Hash(state)))];

    public void Clear()
    {
        foreach (BlockState state in held.Values)
        {
            state.Release();
        }

        held.Clear();
    }

    private static long Hash(BlockState state)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<float>(state.Weights.Span));
        hash.AppendData(MemoryMarshal.AsBytes<float>(state.Slots.Span));
        return BitConverter.ToInt64(hash.GetHashAndReset()) & long.MaxValue;
    }
}
