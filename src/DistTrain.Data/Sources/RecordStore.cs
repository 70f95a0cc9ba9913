using DistTrain.Tensors;
using Microsoft.Win32.SafeHandles;

namespace DistTrain.Data;

/// <summary>
/// Many records of one length, each readable by its index from any thread: in memory while they are few, else in a file. So what is
/// larger than memory trains in bounded memory (docs/decisions/0008-rows-larger-than-memory-lie-in-a-file.md).
/// </summary>
internal sealed class RecordStore
{
    /// <summary>Records beyond this go to a file: far below what a small machine has, far above what fits a cache.</summary>
    public const long MemoryBytesMax = 1 << 27;

    private readonly byte[][]? chunks;
    private readonly int recordsPerChunk;
    private readonly SafeFileHandle? file;
    private readonly long origin;

    private RecordStore(int recordBytes, int count, byte[][]? chunks, int recordsPerChunk, SafeFileHandle? file, long origin)
    {
        RecordBytes = recordBytes;
        Count = count;
        this.chunks = chunks;
        this.recordsPerChunk = recordsPerChunk;
        this.file = file;
        this.origin = origin;
    }

    public int RecordBytes { get; }

    public int Count { get; }

    /// <summary>Reading a record means waiting for a disk, perhaps.</summary>
    public bool IsFile => file is not null;

    /// <summary>Records one after the other in an array, which belongs to the store from then on.</summary>
    public static RecordStore Of(byte[] records, int recordBytes) =>
        new(recordBytes, records.Length / recordBytes, [records], int.MaxValue, null, 0);

    /// <summary>Records that lie in a file already.</summary>
    /// <param name="file">Open for reading; belongs to the store from then on.</param>
    /// <param name="origin">Where the first one begins.</param>
    /// <param name="recordBytes">Length of each.</param>
    /// <param name="count">How many; all are inside the file.</param>
    public static RecordStore Of(SafeFileHandle file, long origin, int recordBytes, int count) => new(recordBytes, count, null, 0, file, origin);

    /// <summary>A record without copying it; only when <see cref="IsFile"/> is false.</summary>
    public ReadOnlySpan<byte> InMemory(int record) =>
        chunks![record / recordsPerChunk].AsSpan(record % recordsPerChunk * RecordBytes, RecordBytes);

    /// <summary>Copies records one after the other; runs of neighbours are read at once.</summary>
    /// <exception cref="IOException">The file was cut short since it was opened.</exception>
    public void Gather(ReadOnlySpan<int> records, Span<byte> destination)
    {
        for (int i = 0; i < records.Length;)
        {
            int run = 1;
            while (i + run < records.Length && records[i + run] == records[i] + run)
            {
                run++;
            }

            Copy(records[i], run, destination.Slice(i * RecordBytes, run * RecordBytes));
            i += run;
        }
    }

    private void Copy(int first, int run, Span<byte> destination)
    {
        if (file is null)
        {
            for (int i = 0; i < run; i++)
            {
                InMemory(first + i).CopyTo(destination[(i * RecordBytes)..]);
            }

            return;
        }

        long offset = origin + ((long)first * RecordBytes);
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(file, destination, offset);
            if (read == 0)
            {
                throw new IOException($"record {first} ends beyond the file, which was cut short while it was used");
            }

            destination = destination[read..];
            offset += read;
        }
    }

    /// <summary>Takes records in order; the first <see cref="MemoryBytesMax"/> bytes stay in memory unless more come.</summary>
    /// <param name="name">How errors name what is read.</param>
    /// <param name="recordBytes">Length of each.</param>
    /// <param name="memoryBytesMax">Most bytes kept in memory.</param>
    public sealed class Builder(string name, int recordBytes, long memoryBytesMax = MemoryBytesMax)
    {
        private const int ChunkBytes = 1 << 20;

        private readonly List<byte[]> chunks = [];
        private readonly int recordsPerChunk = Math.Max(1, ChunkBytes / recordBytes);
        private SafeFileHandle? file;
        private long written;
        private int inLast;

        public int Count { get; private set; }

        /// <exception cref="UserError">There are too many, or there is no room in the folder of temporary files.</exception>
        public void Add(ReadOnlySpan<byte> record)
        {
            if (chunks.Count == 0 || inLast == recordsPerChunk)
            {
                Begin();
            }

            record.CopyTo((file is null ? chunks[^1] : chunks[0]).AsSpan(inLast++ * recordBytes));
            Count = Count < Array.MaxLength ? Count + 1 : throw new UserError($"{name}: more than {Array.MaxLength} samples; allowed: fewer");
        }

        public RecordStore Build()
        {
            if (file is null)
            {
                return new RecordStore(recordBytes, Count, [.. chunks], recordsPerChunk, null, 0);
            }

            Write(chunks[0], inLast);
            return Of(file, 0, recordBytes, Count);
        }

        /// <summary>Room for the next record. Invariant: once there is a file, chunks holds one buffer.</summary>
        private void Begin()
        {
            inLast = 0;
            if (file is not null)
            {
                Write(chunks[0], recordsPerChunk);
            }
            else if (chunks.Count == 0 || (chunks.Count + 1L) * recordsPerChunk * recordBytes <= memoryBytesMax)
            {
                chunks.Add(new byte[recordsPerChunk * recordBytes]);
            }
            else
            {
                file = OpenTemporary();
                chunks.ForEach(chunk => Write(chunk, recordsPerChunk));
                chunks.RemoveRange(1, chunks.Count - 1);
            }
        }

        private void Write(byte[] chunk, int records)
        {
            try
            {
                RandomAccess.Write(file!, chunk.AsSpan(0, records * recordBytes), written);
                written += (long)records * recordBytes;
            }
            catch (IOException error)
            {
                throw new UserError($"{name}: its samples don't fit {Path.GetTempPath()}: {error.Message}", error);
            }
        }

        /// <summary>A file without a name, where the system has such: it is gone with the process, however that ends.</summary>
        private SafeFileHandle OpenTemporary()
        {
            string path = Path.Combine(Path.GetTempPath(), $"disttrain-{Guid.NewGuid():N}.records");
            try
            {
                SafeFileHandle handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
                if (!OperatingSystem.IsWindows())
                {
                    File.Delete(path);
                }

                return handle;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new UserError($"{name}: its samples are kept in {Path.GetTempPath()}, where no file can be made: {error.Message}", error);
            }
        }
    }
}
