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

    /// <summary>The other side offers memory to share.</summary>
    void OnOffer(SharedHandle handle);

    /// <summary>The other side, which is that process, has taken this side's offer, or takes nothing more.</summary>
    void OnAccept(int process);

    /// <summary>Reads a turn of the frames that lie in shared memory; true: there are more.</summary>
    bool ReadShared();

    /// <summary>Floats that were handed over in shared memory; null: they can't be had, and are to be sent again, through the socket.</summary>
    BlockBuffer? Take(SharedPlace place, ReadOnlySpan<byte> head);
}
