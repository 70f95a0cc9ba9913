using System.Buffers.Binary;
using System.IO.Compression;

namespace DistTrain.Data.Tests;

/// <summary>PNG files made by hand: nothing of the decoder is used.</summary>
internal static class PngBytes
{
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="depth">Bits a sample.</param>
    /// <param name="kind">Colour type.</param>
    /// <param name="rows">Filter byte and samples of each row, of each pass where it is interlaced.</param>
    /// <param name="palette">For colour type 3.</param>
    /// <param name="interlaced">Adam7.</param>
    public static byte[] Of(int width, int height, int depth, int kind, byte[] rows, byte[]? palette = null, bool interlaced = false)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(rows);
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)depth;
        header[9] = (byte)kind;
        header[12] = interlaced ? (byte)1 : (byte)0;
        byte[] content = packed.ToArray();
        return
        [
            0x89, .. "PNG"u8, 13, 10, 26, 10,
            .. Chunk("IHDR"u8, header),
            .. palette is null ? [] : Chunk("PLTE"u8, palette),
            .. Chunk("IDAT"u8, content[..(content.Length / 2)]),
            .. Chunk("IDAT"u8, content[(content.Length / 2)..]),
            .. Chunk("IEND"u8, []),
        ];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    /// <summary>Bit by bit, unlike the decoder's table.</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
            }
        }

        return ~crc;
    }
}
