namespace DistTrain.Data;

/// <summary>
/// Chunks on this host's disk, each in a file named by the SHA-256 of its floats, so that runs share them. Files appear whole (renamed into
/// place), and what is read from one is checked like what comes over a wire: a damaged one is as good as none.
/// </summary>
/// <param name="folder">Made when the first chunk is kept.</param>
/// <param name="bytesMax">What all files together may take; the least recently used ones go.</param>
public sealed class ChunkCache(string folder, long bytesMax = ChunkCache.DefaultBytesMax)
{
    /// <summary>64 GiB.</summary>
    public const long DefaultBytesMax = 1L << 36;

    private const string Ending = ".chunk";
    private const string TemporaryEnding = ".part";

    /// <summary>Beside the cache of sets that were fetched.</summary>
    public static string DefaultFolder { get; } = Path.Combine(Path.GetDirectoryName(DataFolders.DefaultCache) ?? "", "chunks");

    public string Folder { get; } = folder;

    public long BytesMax { get; } = bytesMax;

    public bool Has(ReadOnlySpan<byte> sha256) => File.Exists(PathOf(sha256));

    /// <summary>A chunk that is here and sound. A damaged file is deleted.</summary>
    /// <param name="part">Its manifest.</param>
    /// <param name="chunk">Which.</param>
    /// <param name="wasDamaged">Whether there was a file that is not that chunk.</param>
    public DataChunk? Read(PartManifest part, int chunk, out bool wasDamaged)
    {
        ArgumentNullException.ThrowIfNull(part);
        wasDamaged = false;
        string path = PathOf(part.HashOf(chunk));
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                return null;
            }

            wasDamaged = true;
            if (file.Length <= DataChunk.BytesMax(part, chunk))
            {
                var read = DataChunk.Parse(part, chunk, File.ReadAllBytes(path));
                wasDamaged = false;
                return read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // Fetched again.
        }

        Delete(path);
        return null;
    }

    /// <summary>Keeps a chunk; false when the disk refuses.</summary>
    public bool Keep(ReadOnlySpan<byte> sha256, DataChunk chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        string path = PathOf(sha256);
        string temporary = $"{path}.{Guid.NewGuid():N}{TemporaryEnding}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(temporary, chunk.Bytes.Span);
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Delete(temporary);
            return false;
        }
    }

    /// <summary>Marks a chunk as used now.</summary>
    public void Touch(ReadOnlySpan<byte> sha256)
    {
        try
        {
            File.SetLastWriteTimeUtc(PathOf(sha256), DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It goes a little sooner.
        }
    }

    /// <summary>Deletes what was used longest ago until so many bytes more have room, and what a crash left half written.</summary>
    public void MakeRoom(long bytes)
    {
        if (!Directory.Exists(Folder))
        {
            return;
        }

        try
        {
            DateTime yesterday = DateTime.UtcNow.AddDays(-1);
            List<FileInfo> files = [.. new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.LastWriteTimeUtc)];
            long total = files.Sum(file => file.Length);
            foreach (FileInfo file in files)
            {
                bool isChunk = file.Extension == Ending;
                bool isLeftOver = file.Extension == TemporaryEnding && file.LastWriteTimeUtc < yesterday;
                if (isLeftOver || (isChunk && total + bytes > BytesMax))
                {
                    total -= file.Length;
                    Delete(file.FullName);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else tidies at the same time.
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is replaced, or stays.
        }
    }

    // A hash of our own making, never text of somebody else's.
    private string PathOf(ReadOnlySpan<byte> sha256)
    {
        string name = Convert.ToHexStringLower(sha256);
        return Path.Combine(Folder, name[..2], name + Ending);
    }
}
