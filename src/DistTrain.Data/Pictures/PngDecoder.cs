using System.Buffers.Binary;
using System.IO.Compression;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// PNG (W3C recommendation, third edition): all colour types and depths, interlaced or not. 16 bits become 8 by their upper byte; an
/// alpha channel is left out, as are gamma and profiles. Checksums are verified.
/// </summary>
internal static class PngDecoder
{
    private const int Grey = 0;
    private const int Colour = 2;
    private const int Palette = 3;
    private const int GreyAlpha = 4;
    private const int ColourAlpha = 6;

    /// <summary>First pixel and step of each pass of Adam7 (section 8.2): x, y, step x, step y.</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <exception cref="UserError">The file is cut short or damaged; the message names the byte.</exception>
    public static Picture Decode(string path, byte[] file)
    {
        Header? header = null;
        byte[] palette = [];
        using var packed = new MemoryStream();
        int at = Signature.Length;
        while (true)
        {
            ReadOnlySpan<byte> chunk = Chunk(path, file, ref at, out ReadOnlySpan<byte> type);
            if (type.SequenceEqual("IHDR"u8))
            {
                header = Header.Read(path, chunk);
            }
            else if (header is null)
            {
                throw Damaged(path, at, "no header first");
            }
            else if (type.SequenceEqual("PLTE"u8))
            {
                palette = chunk.Length % 3 == 0 && chunk.Length is > 0 and <= 768 ? chunk.ToArray() : throw Damaged(path, at, $"a palette of {chunk.Length} bytes");
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                packed.Write(chunk);
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                break;
            }
        }

        if (header.Kind == Palette && palette.Length == 0)
        {
            throw Damaged(path, at, "no palette");
        }

        packed.Position = 0;
        return Unpack(path, header, palette, packed);
    }

    private static Picture Unpack(string path, Header header, ReadOnlySpan<byte> palette, Stream packed)
    {
        int channels = header.Kind is Grey or GreyAlpha ? 1 : 3;
        byte[] pixels = new byte[header.Width * header.Height * channels];
        using var content = new ZLibStream(packed, CompressionMode.Decompress);
        foreach ((int x, int y, int stepX, int stepY) in header.IsInterlaced ? Passes : [(0, 0, 1, 1)])
        {
            int columns = (header.Width - x + stepX - 1) / stepX, rows = (header.Height - y + stepY - 1) / stepY;
            if (columns <= 0 || rows <= 0)
            {
                continue;
            }

            int rowBytes = (int)((((long)columns * header.BitsPerPixel) + 7) / 8), pixelBytes = Math.Max(1, header.BitsPerPixel / 8);
            byte[] before = new byte[rowBytes], row = new byte[rowBytes + 1];
            for (int r = 0; r < rows; r++)
            {
                Fill(path, content, row, y + (r * stepY));
                Unfilter(path, row[0], row.AsSpan(1), before, pixelBytes, y + (r * stepY));
                row.AsSpan(1).CopyTo(before);
                for (int c = 0; c < columns; c++)
                {
                    int place = (((y + (r * stepY)) * header.Width) + x + (c * stepX)) * channels;
                    if (!Pixel(header, palette, row.AsSpan(1), c, pixels.AsSpan(place, channels)))
                    {
                        throw new UserError($"{path}: damaged: row {y + (r * stepY) + 1} has a colour beyond the palette's {palette.Length / 3}");
                    }
                }
            }
        }

        return new Picture(header.Height, header.Width, channels, pixels);
    }

    /// <summary>False for a colour that the palette has not.</summary>
    private static bool Pixel(Header header, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> row, int column, Span<byte> pixel)
    {
        if (header.Depth < 8)
        {
            int bit = column * header.Depth, mask = (1 << header.Depth) - 1;
            int sample = (row[bit / 8] >> (8 - header.Depth - (bit % 8))) & mask;
            if (header.Kind == Grey)
            {
                pixel[0] = (byte)(sample * 255 / mask);
                return true;
            }

            return FromPalette(palette, sample, pixel);
        }

        int bytes = header.Depth / 8, start = column * header.Samples * bytes;
        if (header.Kind == Palette)
        {
            return FromPalette(palette, row[start], pixel);
        }

        for (int channel = 0; channel < pixel.Length; channel++)
        {
            pixel[channel] = row[start + (channel * bytes)];
        }

        return true;
    }

    private static bool FromPalette(ReadOnlySpan<byte> palette, int index, Span<byte> pixel) =>
        (index * 3) + 3 <= palette.Length && palette.Slice(index * 3, 3).TryCopyTo(pixel);

    /// <summary>Section 9.2.</summary>
    private static void Unfilter(string path, byte filter, Span<byte> row, ReadOnlySpan<byte> before, int pixelBytes, int number)
    {
        if (filter > 4)
        {
            throw new UserError($"{path}: damaged: row {number + 1} has filter {filter}; allowed 0 to 4");
        }

        for (int i = 0; i < row.Length && filter > 0; i++)
        {
            int left = i >= pixelBytes ? row[i - pixelBytes] : 0, up = before[i], corner = i >= pixelBytes ? before[i - pixelBytes] : 0;
            row[i] += (byte)(filter switch
            {
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                _ => Paeth(left, up, corner),
            });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int estimate = left + up - corner;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private static void Fill(string path, Stream content, Span<byte> row, int number)
    {
        int read;
        try
        {
            read = content.ReadAtLeast(row, row.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException error)
        {
            throw new UserError($"{path}: damaged: the packed pixels of row {number + 1} can't be unpacked", error);
        }

        if (read < row.Length)
        {
            throw new UserError($"{path}: cut short: the pixels end in row {number + 1}");
        }
    }

    private static ReadOnlySpan<byte> Chunk(string path, ReadOnlySpan<byte> file, ref int at, out ReadOnlySpan<byte> type)
    {
        const int Frame = 12;
        uint length = file.Length - at >= Frame ? BinaryPrimitives.ReadUInt32BigEndian(file[at..]) : uint.MaxValue;
        if (length > file.Length - at - Frame)
        {
            throw new UserError($"{path}: cut short: the file ends at byte {file.Length}, within the chunk that begins at byte {at}");
        }

        type = file.Slice(at + 4, 4);
        ReadOnlySpan<byte> data = file.Slice(at + 8, (int)length);
        uint expected = BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8 + (int)length)..]);
        uint found = Crc(file.Slice(at + 4, (int)length + 4));
        if (found != expected)
        {
            throw Damaged(path, at, $"checksum 0x{found:X8} where 0x{expected:X8} is written");
        }

        at += Frame + (int)length;
        return data;
    }

    /// <summary>Annex D.</summary>
    internal static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc = CrcTable[(crc ^ value) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(index =>
    {
        uint c = (uint)index;
        for (int bit = 0; bit < 8; bit++)
        {
            c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
        }

        return c;
    })];

    private static UserError Damaged(string path, int at, string found) => new($"{path}: damaged: found {found} in the chunk that begins at byte {at}");

    private sealed record Header(int Width, int Height, int Depth, int Kind, bool IsInterlaced)
    {
        public int Samples => Kind switch { Colour => 3, GreyAlpha => 2, ColourAlpha => 4, _ => 1 };

        public int BitsPerPixel => Samples * Depth;

        public static Header Read(string path, ReadOnlySpan<byte> chunk)
        {
            if (chunk.Length != 13)
            {
                throw Damaged(path, Signature.Length, $"a header of {chunk.Length} bytes");
            }

            uint width = BinaryPrimitives.ReadUInt32BigEndian(chunk), height = BinaryPrimitives.ReadUInt32BigEndian(chunk[4..]);
            PictureFile.CheckSize(path, width, height);
            int depth = chunk[8], kind = chunk[9];
            bool known = kind switch
            {
                Grey => depth is 1 or 2 or 4 or 8 or 16,
                Palette => depth is 1 or 2 or 4 or 8,
                Colour or GreyAlpha or ColourAlpha => depth is 8 or 16,
                _ => false,
            };
            return known && chunk[10] == 0 && chunk[11] == 0 && chunk[12] <= 1
                ? new Header((int)width, (int)height, depth, kind, chunk[12] == 1)
                : throw Damaged(path, Signature.Length, $"colour type {kind} of {depth} bits, methods {chunk[10]}, {chunk[11]}, {chunk[12]}");
        }
    }
}
