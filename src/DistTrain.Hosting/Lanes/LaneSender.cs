namespace DistTrain.Hosting;

/// <summary>
/// Writes a queue into a wire. It has one owner at a time: whoever adds to an idle lane writes as much as the socket takes at once, on
/// its own thread; when the socket is full, or that was enough for one call, the lane's writer thread goes on. So a frame costs no
/// thread switch when the peer keeps up, and nobody ever waits for a peer that doesn't.
/// </summary>
internal sealed class LaneSender(LaneWire wire, LaneQueue queue, LaneOptions options, Action<string> fail) : IDisposable
{
    /// <summary>Bytes in a row. A caller writes so many, and to the end of a run it began (waking the writer thread for half a run costs more than to
    /// write it); then the writer thread takes over, which lets others run after so many.</summary>
    private const long TurnBytesMax = 512 * 1024;

    private readonly LaneStage stage = new(wire, options);
    // A monitor: a semaphore spins before it waits, on the core that the sender computes on.
    private readonly object moreToWrite = new();
    private bool isMoreToWrite;

    // Invariant: changed under the queue's gate; who set it owns the stage and the wire's writing side.
    private bool owned;
    private bool writerOwns;
    private readonly Queue<(FrameKind Kind, byte[] Head)> own = [];
    private long? pingDue, pongDue;
    private string? closeReason;
    private bool closeStaged;
    private volatile bool ended;

    public long BytesSent { get; private set; }

    public long FramesSent => stage.Frames;

    public long LastSent { get; private set; }

    /// <summary>After the queue was added to: writes it, unless somebody does already.</summary>
    public void Wake()
    {
        lock (queue.Gate)
        {
            if (owned)
            {
                return;
            }

            owned = true;
        }

        if (Pump() != Progress.MoreToWrite)
        {
            return;
        }

        lock (queue.Gate)
        {
            if (!ended)
            {
                writerOwns = true;
                CallWriter();
                return;
            }
        }

        stage.GiveBack();
    }

    /// <summary>By this floats go over without being written; before the first <see cref="Wake"/>.</summary>
    public void Share(SharedLane lane) => stage.Shared = lane;

    /// <summary>Adds a frame of the lane's own, before all others, to what the next <see cref="Wake"/> sends.</summary>
    public void Add(FrameKind kind, byte[] head)
    {
        lock (queue.Gate)
        {
            own.Enqueue((kind, head));
        }
    }

    public void Ping(long token)
    {
        lock (queue.Gate)
        {
            pingDue = token;
        }

        Wake();
    }

    /// <summary>Only the newest ping is answered, so that a flood of them costs nothing.</summary>
    public void Pong(long token)
    {
        lock (queue.Gate)
        {
            pongDue = token;
        }

        Wake();
    }

    /// <summary>The last frame; nothing behind it is sent.</summary>
    public void Close(string reason)
    {
        lock (queue.Gate)
        {
            closeReason ??= reason;
        }

        Wake();
    }

    /// <summary>The connection has ended: its owner gives back what was under way as soon as it notices, the writer thread ends.</summary>
    public void Dispose()
    {
        lock (queue.Gate)
        {
            ended = true;
            owned = true;
            CallWriter();
        }
    }

    /// <summary>The writer thread: goes on where others left off.</summary>
    public void RunWriter()
    {
        do
        {
            lock (moreToWrite)
            {
                while (!isMoreToWrite)
                {
                    Monitor.Wait(moreToWrite);
                }

                isMoreToWrite = false;
            }
        }
        while (!ended && WriteOn());

        lock (queue.Gate)
        {
            if (writerOwns)
            {
                stage.GiveBack();
            }
        }
    }

    private void CallWriter()
    {
        lock (moreToWrite)
        {
            isMoreToWrite = true;
            Monitor.Pulse(moreToWrite);
        }
    }

    /// <summary>Waits for the socket and writes, until nothing is left. False: the connection has ended.</summary>
    private bool WriteOn()
    {
        long stalledSince = 0;
        while (!ended)
        {
            long sent = BytesSent;
            Progress progress = wire.WaitWritable((int)Math.Ceiling(options.KeepAlive.TotalMilliseconds)) ? Pump() : Progress.MoreToWrite;
            if (progress != Progress.MoreToWrite)
            {
                return progress == Progress.Done;
            }

            stalledSince = BytesSent > sent ? 0 : stalledSince == 0 ? options.Time.GetTimestamp() : stalledSince;
            if (stalledSince != 0 && options.Time.GetElapsedTime(stalledSince) > options.StallMax)
            {
                fail($"the peer took no byte for {options.StallMax.TotalSeconds:0.#} s, with {queue.Frames} frames waiting");
            }

            // A control frame and its answer need four threads in turn; on busy cores each would wait for what is left of a scheduler's slice.
            Thread.Yield();
        }

        return false;
    }

    private Progress Pump()
    {
        try
        {
            long start = BytesSent;
            while (!ended)
            {
                while (!stage.IsWritten)
                {
                    int sent = wire.Write(stage.Heads, stage.Piece);
                    if (sent == 0)
                    {
                        return Progress.MoreToWrite;
                    }

                    // Counted before it is given back.
                    BytesSent += sent;
                    LastSent = options.Time.GetTimestamp();
                    stage.Advance(sent);
                }

                if (!wire.Flush())
                {
                    return Progress.MoreToWrite;
                }

                bool isAmidRun = stage.HasOpenRun;
                if (!StageNext())
                {
                    return Progress.Done;
                }

                BytesSent += stage.Share();
                if (BytesSent - start >= TurnBytesMax && (writerOwns || !isAmidRun))
                {
                    return Progress.MoreToWrite;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Before anybody hears of the end.
            stage.GiveBack();
            fail(e.Message);
            return Progress.Failed;
        }

        stage.GiveBack();
        return Progress.Failed;
    }

    /// <summary>Control frames first, then a piece of a run. False: nothing is left, and the lane is not owned any more.</summary>
    private bool StageNext()
    {
        stage.Clear();
        lock (queue.Gate)
        {
            if (closeStaged)
            {
                wire.EndWriting();
                return false;
            }

            StageOwn();
            while (!stage.IsFull && queue.TryTakeControl(out LaneQueue.Entry entry))
            {
                stage.Add(entry);
            }

            if (stage.HasOpenRun)
            {
                stage.AddPiece();
            }
            else if (closeReason is not null)
            {
                closeStaged = true;
                stage.AddClose(closeReason);
            }
            else
            {
                // More than one where they only say where their floats lie.
                while (!stage.IsFull && queue.TryTake(out LaneQueue.Entry entry))
                {
                    stage.Add(entry);
                }
            }

            owned = !stage.IsWritten;
            writerOwns &= owned;
            return owned;
        }
    }

    private void StageOwn()
    {
        while (own.TryDequeue(out (FrameKind Kind, byte[] Head) frame))
        {
            stage.Add(frame.Kind, frame.Head);
        }

        StagePing(FrameKind.Pong, ref pongDue);
        StagePing(FrameKind.Ping, ref pingDue);
    }

    private void StagePing(FrameKind kind, ref long? token)
    {
        if (token is { } due)
        {
            stage.AddPing(kind, due);
            token = null;
        }
    }

    private enum Progress
    {
        Done,
        MoreToWrite,
        Failed,
    }
}
