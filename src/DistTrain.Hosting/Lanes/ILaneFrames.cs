using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>What a <see cref="LaneReader"/> hands on.</summary>
internal interface ILaneFrames
{
    void OnMessage(ReadOnlySpan<byte> head, BlockBuffer? run);

    void OnBytes(int channel, ReadOnlySpan<byte> bytes);

    void OnPing(bool answer, long token);
}
