using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

/// <content>What strangers do with shared memory.</content>
internal sealed partial class LaneFuzzer
{
    // At a socket of the host strangers offer memory of their own, too.
    private readonly SharedRegion? ring = address.IsUnix && SharedRegion.IsSupported ? SharedRegion.Create(SharedOutbox.RingBytes) : null;
    private readonly SharedRegion? floats = address.IsUnix && SharedRegion.IsSupported ? SharedRegion.Create(8192) : null;

    // What is put in the ring of the connection under way.
    private FrameRing? written;

    private void BeginRing()
    {
        if (ring is not null)
        {
            // Each connection counts from the beginning.
            (ring.WordAt(SharedOutbox.WordsBytes), ring.WordAt(SharedOutbox.WordsBytes + 64)) = (0, 0);
            written = new FrameRing(ring);
        }
    }

    /// <summary>Floats handed over in memory; every few are not there, or have an entry that is held.</summary>
    private void AddShared(FrameBuffer frame, RunEpoch epoch)
    {
        int entry = random.Next(SharedOutbox.Entries), length = random.Next(1, 600);
        Volatile.Write(ref SharedOutbox.Word(ring!, entry), random.Next(20) == 0 ? random.Next(4) : SharedOutbox.Handed);
        int begin = frame.Begin();
        var place = new SharedPlace(floats!.Handle, random.Next(20) == 0 ? random.NextInt64() : 4 * random.Next(16, 1024), length, entry);
        place.Write(frame.GetSpan(SharedPlace.Bytes));
        frame.Advance(SharedPlace.Bytes);
        var message = new BlockPublished(epoch, new BlockId(3), new WeightVersion(9), new BlockPool().Rent(length));
        MessageCodec.EncodeEnvelope(MachineId.Server(1), MachineId.Worker(2), message, frame);
        frame.End(begin, FrameKind.Shared);
    }

    /// <summary>Frames in memory, honest or not, over and over what lies there; every few with counts and lengths that no sender writes.</summary>
    private void PutInRing(RunEpoch epoch)
    {
        var frames = new FrameBuffer();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            AddShared(frames, epoch);
        }

        byte[] bytes = [.. frames.Written];
        if (random.Next(4) == 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        written!.TryWrite(random.Next(8) == 0 ? bytes.AsSpan(random.Next(bytes.Length)) : bytes, out _);
        if (random.Next(10) == 0)
        {
            ring!.WordAt(SharedOutbox.WordsBytes + (64 * random.Next(6))) = random.Next(2) == 0 ? random.Next() : random.Next(1000);
        }
    }
}
