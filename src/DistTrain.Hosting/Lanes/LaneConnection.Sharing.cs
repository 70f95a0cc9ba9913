using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <content>What comes in shared memory, read by the lane's thread or by whoever looks (<see cref="InboxWatch"/>).</content>
internal sealed partial class LaneConnection
{
    /// <summary>Read from shared memory before anything else has its turn.</summary>
    private const int BatchesPerTurn = 64;

    // Whoever looks into shared memory, on whatever thread, has this; recursive, since what is found there may lie there, too.
    private readonly Lock looking = new();
    private byte[]? whole;
    private bool sharesNoMore;
    private long sharedFrames;
    private long sharedBytes;
    private SharedLane? shared;

    /// <summary>Reads what lies in shared memory, a turn at most, unless another thread does. False: nothing.</summary>
    public bool Look()
    {
        if (!looking.TryEnter())
        {
            return false;
        }

        try
        {
            int batch = 0;
            while (batch < BatchesPerTurn && ReadWhole())
            {
                batch++;
            }

            return batch > 0;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
        {
            Fail(e.Message);
            return false;
        }
        catch (Exception e)
        {
            Fail($"a defect of disttrain: {e}");
            return false;
        }
        finally
        {
            looking.Exit();
        }
    }

    /// <summary>Somebody looks from now on.</summary>
    public void KeepQuiet()
    {
        lock (looking)
        {
            if (!sharesNoMore)
            {
                shared?.Frames?.KeepQuiet();
            }
        }
    }

    /// <summary>Nobody looks any more.</summary>
    public void LetRing()
    {
        lock (looking)
        {
            while (!TryLetRing() && Look())
            {
                // What came last.
            }
        }
    }

    void ILaneFrames.OnOffer(SharedHandle handle)
    {
        byte[]? accept;
        lock (looking)
        {
            accept = shared?.OnOffer(handle);
        }

        if (accept is not null)
        {
            watch?.Add(this);
            sender!.Add(FrameKind.Accept, accept);
            sender.Wake();
        }
    }

    bool ILaneFrames.ReadShared()
    {
        lock (looking)
        {
            for (int batch = 0; batch < BatchesPerTurn; batch++)
            {
                if (!ReadWhole() && (watch is { IsWatched: true } || TryLetRing()))
                {
                    return false;
                }
            }
        }

        return true;
    }

    void ILaneFrames.OnAccept(int process) => shared?.OnAccept(process);

    BlockBuffer? ILaneFrames.Take(SharedPlace place, ReadOnlySpan<byte> head)
    {
        BlockBuffer? taken;
        lock (looking)
        {
            taken = (shared ?? throw FramePrefix.Bad("floats in shared memory on a lane that has none")).Take(place);
        }

        if (taken is null)
        {
            sender!.Add(FrameKind.Accept, SharedLane.Withdrawal());
            sender.Wake();
            return null;
        }

        try
        {
            if (handler!.Rent(head, taken.Length) is { } wanted)
            {
                taken.Span.CopyTo(wanted.Span);
                taken.Release();
                return wanted;
            }
        }
        catch (InvalidDataException)
        {
            taken.Release();
            throw;
        }

        return taken;
    }

    private void EndSharing()
    {
        watch?.Remove(this);
        lock (looking)
        {
            sharesNoMore = true;
            shared?.End();
        }
    }

    /// <summary>The next frames in shared memory, all that were written together; false: none.</summary>
    private bool ReadWhole()
    {
        if (sharesNoMore || shared?.Frames is not { } ring)
        {
            return false;
        }

        whole ??= new byte[FrameRing.BatchBytesMax];
        int bytes = ring.Take(whole);
        if (bytes == 0)
        {
            return false;
        }

        Interlocked.Add(ref sharedBytes, bytes);
        Interlocked.Add(ref sharedFrames, LaneReader.ReadAll(whole.AsSpan(0, bytes), options, this));
        return true;
    }

    private bool TryLetRing() => sharesNoMore || shared?.Frames is not { } ring || ring.TryLetRing();
}
