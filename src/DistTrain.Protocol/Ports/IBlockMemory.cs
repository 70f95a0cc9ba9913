namespace DistTrain.Protocol;

/// <summary>Memory for blocks that travel, of a host that shares it with other processes.</summary>
public interface IBlockMemory
{
    /// <summary>Zeroed floats that start on a cache line.</summary>
    /// <param name="floats">1 or more.</param>
    Memory<float> Allocate(int floats);

    /// <summary>Releases the buffers that other processes have given back since: called before a free one is looked for.</summary>
    void Reclaim();
}
