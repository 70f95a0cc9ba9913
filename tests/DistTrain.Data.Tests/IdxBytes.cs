using System.Buffers.Binary;
using System.IO.Compression;

namespace DistTrain.Data.Tests;

/// <summary>IDX files made by hand.</summary>
internal static class IdxBytes
{
    public static byte[] Create(int[] dims, byte[] content, uint? magic = null)
    {
        byte[] file = new byte[4 + (4 * dims.Length) + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(file, magic ?? (0x800 | (uint)dims.Length));
        for (int i = 0; i < dims.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + (4 * i)), dims[i]);
        }

        content.CopyTo(file, 4 + (4 * dims.Length));
        return file;
    }

    /// <summary>Images of 2 x 3 whose bytes count up.</summary>
    public static byte[] Images(int count) => Create([count, 2, 3], [.. Enumerable.Range(0, count * 6).Select(i => (byte)i)]);

    public static byte[] Labels(params byte[] labels) => Create([labels.Length], labels);

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
