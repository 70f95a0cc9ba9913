using DistTrain.Data;

namespace DistTrain.Hosting;

/// <summary>Where a node's data come from.</summary>
/// <param name="Root">Where this host has data sets; null: where the launcher has them.</param>
/// <param name="MustFetch">Whether they come from the launcher even if this host has them.</param>
/// <param name="Cache">Keeps what came from the launcher.</param>
internal sealed record NodeData(string? Root, bool MustFetch, ChunkCache Cache)
{
    public static NodeData OfChild => new(null, false, new ChunkCache(ChunkCache.DefaultFolder));
}
