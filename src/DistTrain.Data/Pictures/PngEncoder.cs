using System.Buffers.Binary;
using System.IO.Compression;

namespace DistTrain.Data;

/// <summary>PNG (W3C recommendation, third edition) of 8 bits a channel, grey or colour, without row filters.</summary>
internal static class PngEncoder
{
    private const byte BitsPerChannel = 8;
    private const byte Grey = 0;
    private const byte Colour = 2;
    private const byte NoFilter = 0;

    public static byte[] Encode(Picture picture)
    {
        using var file = new MemoryStream();
        file.Write(PngDecoder.Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], picture.Height);
        header[8] = BitsPerChannel;
        header[9] = picture.Channels == 1 ? Grey : Colour;
        header[10..].Clear(); // compression, filter and interlace method 0
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Packed(picture));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Packed(Picture picture)
    {
        using var packed = new MemoryStream();
        using (var content = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            int rowBytes = picture.Width * picture.Channels;
            for (int row = 0; row < picture.Height; row++)
            {
                content.WriteByte(NoFilter);
                content.Write(picture.Pixels, row * rowBytes, rowBytes);
            }
        }

        return packed.ToArray();
    }

    private static void WriteChunk(Stream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] framed = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, data.Length);
        type.CopyTo(framed.AsSpan(4));
        data.CopyTo(framed.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(8 + data.Length), PngDecoder.Crc(framed.AsSpan(4, 4 + data.Length)));
        file.Write(framed);
    }
}
