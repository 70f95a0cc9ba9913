using System.Runtime.InteropServices;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>A block's weights and slots, one after the other, cut into parts that a host packet holds.</summary>
internal static class BlockParts
{
    private const int PartFloatsMax = HostCodec.BulkBytesMax / sizeof(float);

    /// <summary>The parts in order: offset in floats, and their bytes, which are copies.</summary>
    public static IEnumerable<(int Offset, byte[] Bytes)> Of(BlockBuffer weights, BlockBuffer slots)
    {
        foreach ((BlockBuffer buffer, int start) in new[] { (weights, 0), (slots, weights.Length) })
        {
            for (int at = 0; at < buffer.Length; at += PartFloatsMax)
            {
                int length = Math.Min(PartFloatsMax, buffer.Length - at);
                yield return (start + at, MemoryMarshal.AsBytes(buffer.Span.Slice(at, length)).ToArray());
            }
        }
    }
}
