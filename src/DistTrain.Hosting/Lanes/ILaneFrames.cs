using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>What a <see cref="LaneReader"/> hands on.</summary>
internal interface ILaneFrames
{
    /// <summary>Memory for the floats behind a head, which are about to be read.</summary>
    BlockBuffer Rent(ReadOnlySpan<byte> head, int floats);

    void OnMessage(ReadOnlySpan<byte> head, BlockBuffer? run);

    void OnBytes(int channel, ReadOnlySpan<byte> bytes);

    void OnPing(bool answer, long token);
}
