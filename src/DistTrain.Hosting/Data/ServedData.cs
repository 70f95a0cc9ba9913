using DistTrain.Data;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>A run's data as its launcher gives them to nodes whose hosts lack them: manifests, and chunks packed when they are asked for.</summary>
/// <remarks>The launcher, not the coordinator: it has the data open, lives as long as the run, and each node has a lane to it anyway.</remarks>
internal sealed class ServedData
{
    private readonly List<(string Role, IDataSource Source, Lazy<PartManifest> Manifest)> parts = [];

    public ServedData(TrainingTask task)
    {
        Add(PartDescription.Train, task.Data.Train, () => task.TrainManifest);
        Add(PartDescription.Validation, task.Data.Validation, null);
        Add(PartDescription.Test, task.Data.Test, null);
    }

    /// <summary>Chunks packed so far.</summary>
    public int ChunksServed { get; private set; }

    /// <summary>Says in messages what the data are; the first call reads all of them.</summary>
    public IEnumerable<HostMessage> Manifests()
    {
        yield return new DataTold([.. parts.Select(part => PartDescription.Of(part.Role, part.Manifest.Value))]);
        for (int p = 0; p < parts.Count; p++)
        {
            byte[] hashes = parts[p].Manifest.Value.Hashes.ToArray();
            for (int at = 0; at < hashes.Length; at += HostCodec.BulkBytesMax)
            {
                yield return new HashesTold(p, at) { Bulk = hashes.AsMemory(at, Math.Min(HostCodec.BulkBytesMax, hashes.Length - at)) };
            }
        }
    }

    /// <summary>A chunk in messages.</summary>
    /// <exception cref="InvalidDataException">There is no such chunk.</exception>
    public IEnumerable<HostMessage> Chunk(AskChunk ask)
    {
        if ((uint)ask.Part >= (uint)parts.Count || (uint)ask.Chunk >= (uint)parts[ask.Part].Manifest.Value.Chunks)
        {
            throw new InvalidDataException($"there is no chunk {ask.Chunk} of part {ask.Part}");
        }

        (_, IDataSource source, Lazy<PartManifest> manifest) = parts[ask.Part];
        byte[] packed = DataChunk.Pack(source, manifest.Value, ask.Chunk);
        ChunksServed++;
        for (int at = 0; at < packed.Length; at += HostCodec.BulkBytesMax)
        {
            yield return new ChunkTold(ask.Part, ask.Chunk, at, packed.Length) { Bulk = packed.AsMemory(at, Math.Min(HostCodec.BulkBytesMax, packed.Length - at)) };
        }
    }

    private void Add(string role, IDataSource? source, Func<PartManifest>? manifest)
    {
        if (source is not null)
        {
            parts.Add((role, source, new Lazy<PartManifest>(manifest ?? (() => PartManifest.Of(source)))));
        }
    }
}
