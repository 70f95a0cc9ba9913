using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// What one connection hands over in shared memory, both ways. Each side offers its ring; the other maps it and says so, or says nothing, and
/// floats then go through the socket as they do between hosts.
/// </summary>
/// <param name="arena">Where this side's blocks lie; null: it only takes.</param>
internal sealed class SharedLane(SharedArena? arena)
{
    private readonly SharedOutbox? outbox = arena?.CreateOutbox();
    private SharedInbox? inbox;

    /// <inheritdoc cref="SharedOutbox.IsTaken"/>
    public bool IsTaken => outbox?.IsTaken ?? false;

    public long BytesHanded => outbox?.BytesHanded ?? 0;

    public long BytesTaken => inbox?.BytesTaken ?? 0;

    /// <summary>The first frame of the connection: offers this side's ring; null: it has none.</summary>
    public byte[]? Offer()
    {
        if (outbox is null)
        {
            return null;
        }

        byte[] offer = new byte[SharedHandle.Bytes];
        outbox.Handle.Write(offer);
        return offer;
    }

    /// <summary>The other side offers its ring; the answer, or null: it can't be mapped.</summary>
    public byte[]? OnOffer(SharedHandle handle) =>
        inbox is null && (inbox = SharedInbox.TryOpen(handle)) is not null ? BitConverter.GetBytes(Environment.ProcessId) : null;

    /// <summary>What is said to the other side in place of <see cref="OnOffer"/>'s answer from now on: hand over nothing more.</summary>
    public static byte[] Withdrawal() => BitConverter.GetBytes(SharedOutbox.Nobody);

    /// <summary>The other side has mapped this side's ring, or takes nothing more.</summary>
    public void OnAccept(int process) => outbox?.Accept(process);

    /// <inheritdoc cref="SharedOutbox.TryHand"/>
    public bool TryHand(BlockBuffer buffer, out SharedPlace place)
    {
        place = default;
        return outbox is not null && outbox.TryHand(buffer, out place);
    }

    /// <inheritdoc cref="FrameRing.TryWrite"/>
    public bool TryWrite(ReadOnlySpan<byte> frames, out bool mustRing)
    {
        mustRing = false;
        return outbox is not null && outbox.TryWrite(frames, out mustRing);
    }

    /// <summary>What the other side writes frames to; null: it does not.</summary>
    public FrameRing? Frames => inbox?.Frames;

    /// <inheritdoc cref="SharedInbox.Take"/>
    public BlockBuffer? Take(SharedPlace place) => (inbox ?? throw FramePrefix.Bad("floats in shared memory that was not offered")).Take(place);

    /// <summary>The connection has ended, and its reader with it.</summary>
    public void End()
    {
        outbox?.Retire();
        inbox?.Close();
    }
}
