namespace DistTrain.Protocol;

/// <summary>A part of the flat parameter vector: the unit of push, version, update and publication.</summary>
/// <param name="Id">Index in the plan.</param>
/// <param name="Offset">First float in the flat vector.</param>
/// <param name="Length">Floats, 1 to <see cref="ProtocolLimits.BlockFloatsMax"/>.</param>
public readonly record struct Block(BlockId Id, long Offset, int Length)
{
    /// <summary>The float after the last.</summary>
    public long End => Offset + Length;
}
