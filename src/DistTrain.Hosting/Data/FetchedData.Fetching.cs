using System.Globalization;
using DistTrain.Data;

namespace DistTrain.Hosting;

/// <content>Who waits for a chunk, and the thread that looks into the cache, asks, checks and keeps.</content>
internal sealed partial class FetchedData
{
    private DataChunk Get(int part, int chunk)
    {
        if (Volatile.Read(ref chunks[part][chunk]) is { } here)
        {
            return here;
        }

        lock (gate)
        {
            while (true)
            {
                if (chunks[part][chunk] is { } found)
                {
                    return found;
                }

                if (failure is not null)
                {
                    throw new EngineFailedException($"the data can't be had from the launcher: {failure.Message}", failure);
                }

                if (stopped)
                {
                    throw new OperationCanceledException();
                }

                if (!demanded.Contains((part, chunk)))
                {
                    demanded.Enqueue((part, chunk));
                    Monitor.PulseAll(gate);
                }

                Monitor.Wait(gate);
            }
        }
    }

    private void Loop()
    {
        try
        {
            Prepare();
            while (Next() is { } work)
            {
                work();
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    /// <summary>What this run uses is the youngest of the cache; then older files make room for what is missing.</summary>
    private void Prepare()
    {
        long bytes = 0;
        foreach (PartManifest part in parts)
        {
            for (int chunk = 0; chunk < part.Chunks; chunk++)
            {
                if (cache.Has(part.HashOf(chunk)))
                {
                    cache.Touch(part.HashOf(chunk));
                }
                else
                {
                    bytes += DataChunk.BytesMax(part, chunk);
                }
            }
        }

        cache.MakeRoom(bytes);
    }

    /// <summary>The next thing to do; null: no more.</summary>
    private Action? Next()
    {
        lock (gate)
        {
            while (!stopped && failure is null)
            {
                if (arrived.TryDequeue(out (int Part, int Chunk, byte[] Bytes) came))
                {
                    return () => Accept(came.Part, came.Chunk, came.Bytes);
                }

                if (asked.Count < AskedMax && (demanded.Count > 0 || next.Part < parts.Length))
                {
                    bool isWanted = demanded.TryDequeue(out (int Part, int Chunk) key);
                    key = isWanted ? key : next;
                    next = isWanted ? next : next.Chunk + 1 < parts[next.Part].Chunks ? (next.Part, next.Chunk + 1) : (next.Part + 1, 0);
                    if (chunks[key.Part][key.Chunk] is null && !asked.ContainsKey(key) && (isWanted || !isHere[key.Part][key.Chunk]))
                    {
                        return () => Look(key.Part, key.Chunk, isWanted);
                    }
                }
                else
                {
                    Monitor.Wait(gate);
                }
            }

            return null;
        }
    }

    /// <summary>Takes a chunk out of the cache, or asks the launcher for it.</summary>
    private void Look(int part, int chunk, bool isWanted)
    {
        DataChunk? found = cache.Read(parts[part], chunk, out bool wasDamaged);
        lock (gate)
        {
            ChunksDamaged += wasDamaged ? 1 : 0;
            if (found is not null)
            {
                ChunksCached += isHere[part][chunk] ? 0 : 1;
                Here(part, chunk);
                if (isWanted || residentBytes < memoryMax)
                {
                    Install(part, chunk, found);
                }

                return;
            }

            asked.Add((part, chunk), ([], 0));
            ask(new AskChunk(part, chunk));
        }
    }

    /// <summary>A chunk came from the launcher: nothing of it is used before its hash is right.</summary>
    /// <exception cref="InvalidDataException">It isn't.</exception>
    private void Accept(int part, int chunk, byte[] bytes)
    {
        var fetched = DataChunk.Parse(parts[part], chunk, bytes);
        if (!cache.Keep(parts[part].HashOf(chunk), fetched) && isKept)
        {
            isKept = false;
            log($"data that came from the launcher can't be kept in {cache.Folder}; they are fetched again when they are needed again");
        }

        lock (gate)
        {
            ChunksFetched++;
            BytesFetched += bytes.Length;
            Here(part, chunk);
            Install(part, chunk, fetched);
        }
    }

    private void Here(int part, int chunk)
    {
        if (!isHere[part][chunk])
        {
            isHere[part][chunk] = true;
            if (--missing == 0)
            {
                log(string.Create(CultureInfo.InvariantCulture, $"the data are here: {ChunksFetched} chunks ({BytesFetched / 1e6:F1} MB) came from the launcher, {ChunksCached} from {cache.Folder}"));
                allHere.TrySetResult();
            }
        }
    }

    private void Install(int part, int chunk, DataChunk found)
    {
        Volatile.Write(ref chunks[part][chunk], found);
        resident.Enqueue((part, chunk));
        residentBytes += found.Bytes.Length;
        while (residentBytes > memoryMax && resident.Count > AskedMax)
        {
            (int oldPart, int oldChunk) = resident.Dequeue();
            residentBytes -= chunks[oldPart][oldChunk]!.Bytes.Length;
            chunks[oldPart][oldChunk] = null;
        }

        Monitor.PulseAll(gate);
    }
}
