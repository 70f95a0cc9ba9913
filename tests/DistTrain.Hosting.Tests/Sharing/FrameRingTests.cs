using System.Buffers.Binary;

namespace DistTrain.Hosting.Tests;

public sealed class FrameRingTests
{
    private const int Rounds = 20_000;
    private readonly SharedRegion region = SharedRegion.IsSupported ? SharedRegion.Create(SharedOutbox.RingBytes) : null!;
    private readonly byte[] into = new byte[FrameRing.BatchBytesMax];

    [SharedMemoryFact]
    public void What_is_written_is_taken_in_order_and_as_much_as_fits_is_on_its_way()
    {
        var random = new Random(1);
        FrameRing sender = new(region), receiver = new(region);
        var onTheWay = new Queue<byte[]>();
        int full = 0, most = 0, bytes = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] frames = new byte[random.Next(1, random.Next(20) == 0 ? FrameRing.BatchBytesMax : 600)];
            random.NextBytes(frames);
            if (sender.TryWrite(frames, out _))
            {
                onTheWay.Enqueue(frames);
                bytes += frames.Length;
                most = Math.Max(most, bytes);
            }
            else
            {
                full++;
                Assert.True(bytes + (8 * (onTheWay.Count + 1)) + frames.Length > FrameRing.DataBytes);
            }

            for (int take = random.Next(3); take > 0 && onTheWay.TryDequeue(out byte[]? next); take--)
            {
                int taken = receiver.Take(into);
                Assert.Equal(next, into[..taken]);
                bytes -= taken;
            }
        }

        Assert.True(full > 10 && most > FrameRing.DataBytes * 3 / 4, $"full {full} times, at most {most} bytes");
        while (onTheWay.TryDequeue(out byte[]? next))
        {
            Assert.Equal(next, into[..receiver.Take(into)]);
        }

        Assert.Equal(0, receiver.Take(into));
    }

    [SharedMemoryFact]
    public void More_than_a_batch_is_not_written()
    {
        var sender = new FrameRing(region);
        Assert.False(sender.TryWrite(new byte[FrameRing.BatchBytesMax + 1], out _));
        Assert.True(sender.TryWrite(new byte[FrameRing.BatchBytesMax], out _));
    }

    [SharedMemoryFact]
    public void The_sender_rings_once_when_nobody_looks_and_not_at_all_when_somebody_does()
    {
        FrameRing sender = new(region), receiver = new(region);
        Assert.True(Write(sender));
        Assert.False(Write(sender));
        receiver.Take(into);
        Assert.False(receiver.TryLetRing());
        receiver.Take(into);
        Assert.True(receiver.TryLetRing());
        Assert.True(Write(sender));

        receiver.Take(into);
        receiver.KeepQuiet();
        Assert.False(Write(sender));
    }

    /// <summary>The receiver sleeps whenever the ring is empty, and only a bell wakes it.</summary>
    [SharedMemoryFact]
    public async Task Nothing_is_left_unread_by_a_receiver_that_only_bells_wake()
    {
        const int Count = 200_000;
        FrameRing sender = new(region), receiver = new(region);
        using var bell = new SemaphoreSlim(0);
        var pace = new Random(2);
        int read = 0, bells = 0;
        Task reading = Task.Run(async () =>
        {
            while (read < Count)
            {
                if (receiver.Take(into) > 0)
                {
                    Assert.Equal(read++, BinaryPrimitives.ReadInt32LittleEndian(into));
                }
                else if (receiver.TryLetRing())
                {
                    Assert.True(await bell.WaitAsync(LaneEnd.Patience), $"{read} of {Count} were read, and no bell came");
                }
            }
        });
        byte[] number = new byte[4];
        for (int i = 0; i < Count && !reading.IsCompleted; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, i);
            bool mustRing;
            while (!sender.TryWrite(number, out mustRing))
            {
                Thread.Yield();
            }

            if (mustRing)
            {
                bells++;
                bell.Release();
            }

            // Now and then it says nothing more until all was read.
            if (pace.Next(4) == 0)
            {
                Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref read) == i + 1 || reading.IsCompleted, LaneEnd.Patience), $"{read} of {i + 1} were read");
            }
        }

        await reading.WaitAsync(LaneEnd.Patience);
        Assert.Equal(Count, read);
        Assert.InRange(bells, 2, Count);
    }

    [SharedMemoryFact]
    public void Lengths_and_counts_that_no_sender_wrote_are_refused()
    {
        const int Written = SharedOutbox.WordsBytes, Data = Written + FrameRing.Bytes - FrameRing.DataBytes;
        foreach ((int length, int written) in new[] { (0, 8), (-1, 8), (int.MinValue, 8), (int.MaxValue, 8), (5, 8), (4, 4), (FrameRing.BatchBytesMax + 1, FrameRing.DataBytes), (4, FrameRing.DataBytes + 4), (4, -4) })
        {
            region.WordAt(Data) = length;
            region.WordAt(Written) = written;
            Assert.Throws<InvalidDataException>(() => new FrameRing(region).Take(into));
        }

        region.WordAt(Data) = 4;
        region.WordAt(Written) = 8;
        Assert.Equal(4, new FrameRing(region).Take(into));
    }

    [SharedMemoryFact]
    public void A_receiver_that_claims_to_have_read_what_was_not_written_gets_nothing_more()
    {
        var sender = new FrameRing(region);
        Assert.True(sender.TryWrite(new byte[100], out _));
        region.WordAt(SharedOutbox.WordsBytes + 64) = 1000;
        Assert.False(sender.TryWrite(new byte[100], out _));
    }

    private static bool Write(FrameRing sender)
    {
        Assert.True(sender.TryWrite([1, 2, 3], out bool mustRing));
        return mustRing;
    }
}
