using System.Globalization;
using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>
/// A run's data on a host that lacks them: chunks come from the launcher while training goes on, first those that a computation waits for,
/// then the others in order. Each is checked against the manifest before it is used or kept on disk.
/// </summary>
/// <remarks>
/// One thread looks into the cache, checks and keeps; the lane's thread only puts pieces together. Memory: the manifest, chunks under way, and
/// the newest chunks up to <see cref="MemoryMax"/>; others are read from the cache again, and checked again. What the other side says decides
/// no path and no size: lengths follow from counts and shapes, whose product is bounded before the first hash is taken in.
/// </remarks>
internal sealed partial class FetchedData : IDisposable
{
    /// <summary>Chunks asked for at a time: enough for a gigabit link at a millisecond, and what the launcher says besides waits 0.1 s for them at 100 Mbit/s.</summary>
    public const int AskedMax = 4;

    /// <summary>Bytes of packed chunks in memory.</summary>
    public const long MemoryMax = 1L << 30;

    private static readonly TimeSpan ManifestMax = TimeSpan.FromMinutes(10);

    private readonly TaskCompletionSource<PartManifest[]> manifests = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource allHere = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object gate = new();

    // Held while something that came is taken in.
    private readonly Lock taking = new();
    private readonly ChunkCache cache;
    private readonly Action<string> log;
    private readonly Action<Exception> fault;
    private readonly long memoryMax;
    private readonly Queue<(int Part, int Chunk)> demanded = new();
    private readonly Queue<(int Part, int Chunk)> resident = new();
    private readonly Queue<(int Part, int Chunk, byte[] Bytes)> arrived = new();
    private readonly Dictionary<(int Part, int Chunk), (byte[] Bytes, int Filled)> asked = [];
    private IReadOnlyList<PartDescription>? descriptions;
    private byte[][] hashes = [];
    private int[] hashesFilled = [];
    private PartManifest[] parts = [];
    private DataChunk?[][] chunks = [];
    private bool[][] isHere = [];
    private (int Part, int Chunk) next;
    private long residentBytes;
    private int missing;
    private bool isKept = true;
    private Exception? failure;
    private bool stopped;
    private bool isOpening;

    // Called with the lock held that AskAgain takes: so each thing is asked for once of each who is asked.
    private Action<HostMessage> ask;

    /// <param name="cache">Keeps chunks.</param>
    /// <param name="ask">Says something to the launcher.</param>
    /// <param name="log">For people.</param>
    /// <param name="fault">Told when the data can't be had.</param>
    /// <param name="memoryMax">Bytes of packed chunks in memory.</param>
    public FetchedData(ChunkCache cache, Action<HostMessage> ask, Action<string> log, Action<Exception> fault, long memoryMax = MemoryMax)
    {
        (this.cache, this.ask, this.log, this.fault, this.memoryMax) = (cache, ask, log, fault, memoryMax);
    }

    /// <summary>Chunks that came from the launcher.</summary>
    public int ChunksFetched { get; private set; }

    /// <summary>Packed bytes of those.</summary>
    public long BytesFetched { get; private set; }

    /// <summary>Chunks that were on this host's disk.</summary>
    public int ChunksCached { get; private set; }

    /// <summary>Files of the cache that were not what they should be.</summary>
    public int ChunksDamaged { get; private set; }

    /// <summary>Of all chunks, those that are on this host.</summary>
    public double Share => missing == 0 && parts.Length == 0 ? 0 : 1 - ((double)missing / Math.Max(1, parts.Sum(part => part.Chunks)));

    /// <summary>Completes when every chunk is on this host.</summary>
    public Task AllHere => allHere.Task;

    /// <summary>Asks for the manifest, waits for it, and begins to fetch.</summary>
    /// <param name="fingerprint">Of the run's training part: the manifest must have it.</param>
    /// <returns>The parts, whose samples may be waited for.</returns>
    /// <exception cref="EngineFailedException">The launcher does not tell, or tells of something else.</exception>
    /// <exception cref="UserError">The data are more than the cache may take.</exception>
    public Splits Open(string fingerprint)
    {
        lock (taking)
        {
            isOpening = true;
            ask(new AskData());
        }

        try
        {
            parts = manifests.Task.WaitAsync(ManifestMax).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is InvalidDataException or TimeoutException)
        {
            throw new EngineFailedException($"the launcher does not tell what the data are: {e.Message}", e);
        }

        if (parts[0].Fingerprint != fingerprint)
        {
            throw new EngineFailedException($"the launcher's list of chunks is of data {parts[0].Fingerprint}; the run is on {fingerprint}");
        }

        long bytes = parts.Sum(part => part.Bytes);
        if (bytes > cache.BytesMax)
        {
            throw new UserError(string.Create(CultureInfo.InvariantCulture, $"the run's data are {bytes / 1e9:F1} GB; the cache {cache.Folder} may take {cache.BytesMax / 1e9:F1} GB: put the data on this host and name their folder in $DISTTRAIN_DATA"));
        }

        chunks = [.. parts.Select(part => new DataChunk?[part.Chunks])];
        isHere = [.. parts.Select(part => new bool[part.Chunks])];
        missing = parts.Sum(part => part.Chunks);
        new Thread(Loop) { IsBackground = true, Name = "data" }.Start();
        IDataSource? Part(string role)
        {
            int p = descriptions!.ToList().FindIndex(each => each.Role == role);
            return p < 0 ? null : new ChunkSource(parts[p], chunk => Get(p, chunk));
        }

        return new Splits(Part(PartDescription.Train)!, Part(PartDescription.Validation), Part(PartDescription.Test));
    }

    /// <summary>Something came from the launcher.</summary>
    public void Take(HostMessage message)
    {
        using Lock.Scope _ = taking.EnterScope();
        try
        {
            switch (message)
            {
                case DataTold told when descriptions is null:
                    Take(told);
                    break;
                case HashesTold told:
                    Take(told);
                    break;
                case ChunkTold told:
                    Take(told);
                    break;
                case DataNotTold not:
                    throw new InvalidDataException(not.Reason);
            }
        }
        catch (InvalidDataException exception)
        {
            Fail(exception);
        }
    }

    /// <summary>Whoever was asked is gone, and another one hears from now on: what has not come is asked for anew.</summary>
    /// <param name="another">Says something to him.</param>
    public void AskAgain(Action<HostMessage> another)
    {
        lock (taking)
        {
            lock (gate)
            {
                ask = another;
                if (manifests.Task.IsCompletedSuccessfully)
                {
                    foreach ((int Part, int Chunk) key in asked.Keys.ToList())
                    {
                        asked[key] = ([], 0);
                        ask(new AskChunk(key.Part, key.Chunk));
                    }
                }
                else if (isOpening)
                {
                    (descriptions, hashes, hashesFilled) = (null, [], []);
                    ask(new AskData());
                }
            }
        }
    }

    /// <summary>Who waits for a chunk is told that nobody wants it any more.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopped = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Take(DataTold told)
    {
        string[] roles = [.. told.Parts.Select(part => part.Role)];
        if (roles.Length == 0 || roles[0] != PartDescription.Train || roles.Distinct().Count() != roles.Length
            || roles.Except([PartDescription.Train, PartDescription.Validation, PartDescription.Test]).Any())
        {
            throw new InvalidDataException($"the data have the parts {string.Join(", ", roles)}");
        }

        hashes = [.. told.Parts.Select(part => new byte[part.Chunks * PartManifest.HashBytes])];
        hashesFilled = new int[hashes.Length];
        descriptions = told.Parts;
    }

    private void Take(HashesTold told)
    {
        ReadOnlySpan<byte> bulk = told.Bulk.Span;
        if ((uint)told.Part >= (uint)hashes.Length || told.Offset != hashesFilled[told.Part] || bulk.Length > hashes[told.Part].Length - told.Offset)
        {
            throw new InvalidDataException($"{bulk.Length} bytes of hashes of part {told.Part} at {told.Offset} were not to come");
        }

        bulk.CopyTo(hashes[told.Part].AsSpan(told.Offset));
        hashesFilled[told.Part] += bulk.Length;
        if (hashes.Zip(hashesFilled).All(pair => pair.First.Length == pair.Second))
        {
            manifests.TrySetResult([.. descriptions!.Zip(hashes, (description, all) => description.With(all))]);
        }
    }

    private void Take(ChunkTold told)
    {
        ReadOnlySpan<byte> bulk = told.Bulk.Span;
        lock (gate)
        {
            (int Part, int Chunk) key = (told.Part, told.Chunk);
            if (!asked.TryGetValue(key, out (byte[] Bytes, int Filled) entry))
            {
                throw new InvalidDataException($"nobody asked for chunk {told.Chunk} of part {told.Part}");
            }

            if (told.Offset == 0 && entry.Filled == 0 && told.Bytes > 0 && told.Bytes <= DataChunk.BytesMax(parts[key.Part], key.Chunk))
            {
                entry.Bytes = new byte[told.Bytes];
            }

            if (bulk.Length == 0 || told.Bytes != entry.Bytes.Length || told.Offset != entry.Filled || bulk.Length > entry.Bytes.Length - entry.Filled)
            {
                throw new InvalidDataException($"{bulk.Length} bytes at {told.Offset} of {told.Bytes} are no piece of chunk {told.Chunk} of part {told.Part}");
            }

            bulk.CopyTo(entry.Bytes.AsSpan(entry.Filled));
            entry.Filled += bulk.Length;
            asked[key] = entry;
            if (entry.Filled == entry.Bytes.Length)
            {
                asked.Remove(key);
                arrived.Enqueue((key.Part, key.Chunk, entry.Bytes));
                Monitor.PulseAll(gate);
            }
        }
    }

    private void Fail(Exception exception)
    {
        lock (gate)
        {
            failure ??= exception;
            Monitor.PulseAll(gate);
        }

        manifests.TrySetException(exception);
        allHere.TrySetException(exception);
        fault(new EngineFailedException($"the data can't be had from the launcher: {exception.Message}", exception));
    }
}
