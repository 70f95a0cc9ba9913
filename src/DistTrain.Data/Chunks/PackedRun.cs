using System.Runtime.InteropServices;

namespace DistTrain.Data;

/// <summary>
/// Floats packed without loss: as they are, or, when no more than 256 different ones occur, as a palette of them and a byte each. So pixels
/// travel and are kept as bytes, however they are scaled, and so are flags, classes and small vocabularies.
/// </summary>
/// <remarks>Bytes: 0 and the floats, little-endian; or 1, the palette's length less one, the palette, the bytes.</remarks>
internal readonly struct PackedRun
{
    private const byte Plain = 0;
    private const byte Palette = 1;
    private const int PaletteMax = 256;

    private readonly ReadOnlyMemory<byte> palette;
    private readonly ReadOnlyMemory<byte> values;

    private PackedRun(ReadOnlyMemory<byte> palette, ReadOnlyMemory<byte> values)
    {
        this.palette = palette;
        this.values = values;
    }

    /// <summary>Bytes that a run of so many floats takes at most.</summary>
    public static long BytesMax(long floats) => 1 + (floats * sizeof(float));

    public static byte[] Pack(ReadOnlySpan<float> floats)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(floats);
        var places = new Dictionary<uint, byte>();
        byte[] indices = new byte[bits.Length];
        for (int i = 0; i < bits.Length; i++)
        {
            if (!places.TryGetValue(bits[i], out byte place))
            {
                if (places.Count == PaletteMax)
                {
                    return [Plain, .. MemoryMarshal.AsBytes(floats)];
                }

                place = (byte)places.Count;
                places.Add(bits[i], place);
            }

            indices[i] = place;
        }

        // For a handful of floats the palette would cost more than it saves.
        return 2 + (places.Count * sizeof(float)) + indices.Length >= BytesMax(floats.Length)
            ? [Plain, .. MemoryMarshal.AsBytes(floats)]
            : [Palette, (byte)(places.Count - 1), .. MemoryMarshal.AsBytes<uint>(places.Keys.ToArray()), .. indices];
    }

    /// <summary>A run of exactly so many floats at the front of the bytes, which are moved past it.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static PackedRun Parse(ref ReadOnlyMemory<byte> bytes, int floats)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        int paletteBytes = 0, head = 1, valueBytes = floats * sizeof(float);
        if (span.Length >= 2 && span[0] == Palette)
        {
            (head, paletteBytes, valueBytes) = (2, (span[1] + 1) * sizeof(float), floats);
        }
        else if (span.Length < 1 || span[0] != Plain)
        {
            throw new InvalidDataException("a chunk is packed in no known way");
        }

        if (span.Length - head < paletteBytes + (long)valueBytes)
        {
            throw new InvalidDataException($"a chunk has {span.Length} bytes where {floats} floats take {head + paletteBytes + (long)valueBytes}");
        }

        var run = new PackedRun(bytes.Slice(head, paletteBytes), bytes.Slice(head + paletteBytes, valueBytes));
        if (paletteBytes > 0 && run.values.Span.IndexOfAnyExceptInRange((byte)0, span[1]) >= 0)
        {
            throw new InvalidDataException("a chunk names a value that its palette does not have");
        }

        bytes = bytes[(head + paletteBytes + valueBytes)..];
        return run;
    }

    /// <summary>The floats from one on.</summary>
    public void CopyTo(int first, Span<float> destination)
    {
        if (palette.IsEmpty)
        {
            values.Span.Slice(first * sizeof(float), destination.Length * sizeof(float)).CopyTo(MemoryMarshal.AsBytes(destination));
            return;
        }

        ReadOnlySpan<float> colours = MemoryMarshal.Cast<byte, float>(palette.Span);
        ReadOnlySpan<byte> indices = values.Span.Slice(first, destination.Length);
        for (int i = 0; i < indices.Length; i++)
        {
            destination[i] = colours[indices[i]];
        }
    }
}
