using System.Runtime.InteropServices;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>A block that arrives part by part, in order.</summary>
internal sealed class BlockAssembly(Block block, int slots, BlockPool pool)
{
    private int arrived;

    /// <summary>The caller of <see cref="Take"/> owns both when it is complete.</summary>
    public BlockBuffer Weights { get; } = pool.Rent(block.Length);

    public BlockBuffer Slots { get; } = pool.Rent(slots * block.Length);

    /// <summary>Takes a part; true when it was the last one.</summary>
    /// <exception cref="InvalidDataException">It is not the next part of this block.</exception>
    public bool Take(int offset, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<float> floats = MemoryMarshal.Cast<byte, float>(bytes);
        int room = (offset < Weights.Length ? 0 : Slots.Length) + Weights.Length - offset;
        if (offset != arrived || floats.Length == 0 || floats.Length > room)
        {
            throw new InvalidDataException($"{block.Id}: a part of {floats.Length} floats at {offset}, where {arrived} are there of {Weights.Length + Slots.Length}.");
        }

        Span<float> target = offset < Weights.Length ? Weights.Span[offset..] : Slots.Span[(offset - Weights.Length)..];

        floats.CopyTo(target);
        arrived += floats.Length;
        return arrived == Weights.Length + Slots.Length;
    }
}
