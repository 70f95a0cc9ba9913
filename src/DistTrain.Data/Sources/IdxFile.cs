using System.Buffers.Binary;
using System.IO.Compression;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// An IDX file of unsigned bytes, plain or gzip: magic 00 00 08 rank, then rank dimensions as big-endian 32-bit numbers, then the
/// bytes, row-major (the format of LeCun, Cortes and Burges' MNIST page).
/// </summary>
/// <remarks>
/// A header is a claim. Memory is taken only for what the file can hold: a plain file's length must be exactly what its header
/// says, and a gzip file is given room as its content arrives.
/// </remarks>
internal sealed class IdxFile
{
    private const int RankMax = 8;
    private const byte UnsignedByteType = 0x08;

    private IdxFile(int[] dims, byte[] bytes, RecordStore? store)
    {
        Dims = dims;
        Bytes = bytes;
        Items = store ?? RecordStore.Of(bytes, bytes.Length / dims[0]);
    }

    /// <summary>Items first; at least one dimension, each at least 1.</summary>
    public int[] Dims { get; }

    /// <summary>The product of <see cref="Dims"/>; empty where the items stayed in a file.</summary>
    public byte[] Bytes { get; }

    /// <summary>A record an item.</summary>
    public RecordStore Items { get; }

    public int Count => Dims[0];

    /// <summary>Number of dimensions the magic number promises, or 0 when the file is not IDX. Reads at most four bytes of content.</summary>
    public static int PeekRank(string path)
    {
        try
        {
            using Stream content = PackedFile.OpenContent(path, out _);
            byte[] magic = new byte[4];
            bool isIdx = content.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && RankOf(magic) > 0;
            return isIdx ? magic[3] : 0;
        }
        catch (InvalidDataException)
        {
            return 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: can't be read: {error.Message}", error);
        }
    }

    /// <exception cref="UserError">The file is missing, unreadable, not IDX, empty, cut short or longer than its header says.</exception>
    /// <param name="path">Plain or gzip.</param>
    /// <param name="mayStayInFile">Large content isn't taken into memory.</param>
    public static IdxFile Read(string path, bool mayStayInFile = false)
    {
        try
        {
            using Stream content = PackedFile.OpenContent(path, out long lengthMax);
            return Read(path, content, lengthMax, isExact: content is not GZipStream, mayStayInFile);
        }
        catch (FileNotFoundException error)
        {
            throw new UserError($"{path}: no such file.", error);
        }
        catch (DirectoryNotFoundException error)
        {
            throw new UserError($"{path}: no such folder.", error);
        }
        catch (InvalidDataException error)
        {
            throw new UserError($"{path}: broken gzip file, cut short or damaged: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: can't be read: {error.Message}", error);
        }
    }

    private static IdxFile Read(string path, Stream content, long lengthMax, bool isExact, bool mayStayInFile)
    {
        byte[] magic = new byte[4];
        int found = content.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        if (found == 0)
        {
            throw new UserError($"{path}: empty file, expected IDX.");
        }

        int rank = found == 4 ? RankOf(magic) : 0;
        if (rank == 0)
        {
            throw new UserError(
                $"{path}: not an IDX file of unsigned bytes: magic number 0x{Convert.ToHexString(magic, 0, found)}, allowed 0x00000801 to 0x0000080{RankMax}.");
        }

        byte[] header = new byte[4 * rank];
        found = content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (found < header.Length)
        {
            throw new UserError($"{path}: cut short: a header of {4 + header.Length} bytes is needed, found {4 + found}.");
        }

        int[] dims = new int[rank];
        UInt128 product = 1;
        for (int i = 0; i < rank; i++)
        {
            uint dim = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 * i));
            if (dim is 0 or > int.MaxValue)
            {
                throw new UserError(dim == 0 && i == 0
                    ? $"{path}: holds 0 items, at least 1 is needed."
                    : $"{path}: dimension {i} is {dim}, allowed 1 to {int.MaxValue}.");
            }

            dims[i] = (int)dim;
            product = product > long.MaxValue ? product : product * dim;
        }

        string promise = string.Join(" x ", dims) + (rank > 1 ? $" = {product}" : "");
        long available = lengthMax - 4 - header.Length;
        if (product > (ulong)available)
        {
            throw new UserError(
                $"{path}: cut short: the header promises {promise} bytes, found {(isExact ? "" : "a gzip file of at most ")}{available}.");
        }

        bool staysInFile = mayStayInFile && product > (ulong)RecordStore.MemoryBytesMax && product / (uint)dims[0] <= (ulong)RecordStore.MemoryBytesMax;
        if (product > (ulong)Array.MaxLength && !staysInFile)
        {
            throw new UserError($"{path}: too large: the header promises {promise} bytes, allowed {Array.MaxLength}.");
        }

        if (isExact && (long)product != available)
        {
            throw new UserError($"{path}: {available - (long)product} bytes too many: the header promises {promise} bytes, found {available}.");
        }

        return staysInFile
            ? new IdxFile(dims, [], isExact ? RecordStore.Of(File.OpenHandle(path), 4 + header.Length, (int)(product / (uint)dims[0]), dims[0]) : Unpack(path, content, dims[0], (int)(product / (uint)dims[0]), promise))
            : new IdxFile(dims, ReadBytes(path, content, (int)product, promise), null);
    }

    /// <summary>Items of a large gzip file, which can't be read by index where they lie.</summary>
    private static RecordStore Unpack(string path, Stream content, int count, int itemBytes, string promise)
    {
        var items = new RecordStore.Builder(path, itemBytes);
        byte[] item = new byte[itemBytes];
        for (int i = 0; i < count; i++)
        {
            int read = content.ReadAtLeast(item, itemBytes, throwOnEndOfStream: false);
            if (read < itemBytes)
            {
                throw new UserError($"{path}: cut short: the header promises {promise} bytes, found {((long)i * itemBytes) + read}.");
            }

            items.Add(item);
        }

        return content.ReadByte() < 0 ? items.Build() : throw new UserError($"{path}: bytes too many: the header promises {promise} bytes, found more.");
    }

    private static byte[] ReadBytes(string path, Stream content, int length, string promise)
    {
        // A gzip file may promise a thousand times what it holds: the buffer grows with what has really arrived.
        const int FirstRoomMax = 1 << 26;
        byte[] bytes = new byte[Math.Min(length, FirstRoomMax)];
        int filled = 0;
        while (true)
        {
            int read = content.ReadAtLeast(bytes.AsSpan(filled), bytes.Length - filled, throwOnEndOfStream: false);
            filled += read;
            if (filled == length)
            {
                break;
            }

            if (filled < bytes.Length)
            {
                throw new UserError($"{path}: cut short: the header promises {promise} bytes, found {filled}.");
            }

            Array.Resize(ref bytes, (int)Math.Min(length, 2L * bytes.Length));
        }

        // Reading the end also makes gzip check its own checksum.
        if (content.ReadByte() >= 0)
        {
            throw new UserError($"{path}: bytes too many: the header promises {promise} bytes, found more.");
        }

        return bytes;
    }

    private static int RankOf(ReadOnlySpan<byte> magic) =>
        magic[0] == 0 && magic[1] == 0 && magic[2] == UnsignedByteType && magic[3] is >= 1 and <= RankMax ? magic[3] : 0;
}
