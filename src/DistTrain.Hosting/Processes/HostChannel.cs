namespace DistTrain.Hosting;

/// <summary>
/// Host messages between two nodes, each delivered once and in order, over a wire that may lose and repeat: messages are numbered,
/// kept until they are acknowledged, and sent again when that takes long.
/// </summary>
/// <remarks>
/// At most <see cref="WindowMax"/> messages are under way, so that a checkpoint does not fill the wire's queue. Sending and
/// receiving have a lock each: what is delivered may send on any channel.
/// </remarks>
internal sealed class HostChannel(Action<byte[]> send, Action<HostMessage> deliver)
{
    /// <summary>Messages sent and not acknowledged: 4 MB of a checkpoint.</summary>
    private const int WindowMax = 32;

    /// <summary>Messages that arrived and are not acknowledged yet; well below the window, so that it never closes while messages arrive.</summary>
    private const int UnacknowledgedMax = 8;

    /// <summary>Ticks without an acknowledgement after which everything under way is sent again.</summary>
    private const int RetryTicks = 10;

    /// <summary>Messages that wait for the window; beyond it <see cref="PostWhenRoom"/> waits, so that a checkpoint is not copied as a whole.</summary>
    private const int RoomMax = 32;

    private readonly object sending = new();
    private readonly Lock receiving = new();
    private readonly Queue<(long Number, Letter Letter)> underWay = new();
    private readonly Queue<Letter> waiting = new();
    private long lastNumber;
    private long received;
    private long acknowledged;
    private int silentTicks;
    private volatile bool closed;

    /// <summary>Sends a message in its turn.</summary>
    /// <param name="message">The message.</param>
    /// <param name="taken">Called when the other side has said that it was delivered; never when the channel is closed before.</param>
    public void Post(HostMessage message, Action? taken = null)
    {
        lock (sending)
        {
            if (!closed)
            {
                waiting.Enqueue(new Letter(message, taken));
                SendWaiting();
            }
        }
    }

    /// <summary>Sends a message at once, out of turn; it may be lost, and is never repeated.</summary>
    public void Tell(HostMessage message)
    {
        if (!closed)
        {
            Send(0, message);
        }
    }

    /// <summary>As <see cref="Post"/>, for bulk: waits while much waits already. Not to be called by whoever delivers.</summary>
    public void PostWhenRoom(HostMessage message)
    {
        lock (sending)
        {
            while (waiting.Count >= RoomMax && !closed)
            {
                Monitor.Wait(sending);
            }

            Post(message);
        }
    }

    /// <summary>A packet came in.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        HostPacket packet = HostCodec.Decode(bytes);
        Acknowledge(packet.Acknowledged);
        if (packet.Message is not { } message)
        {
            return;
        }

        if (packet.Number == 0)
        {
            deliver(message);
            return;
        }

        lock (receiving)
        {
            if (packet.Number == received + 1 && !closed)
            {
                Volatile.Write(ref received, packet.Number);
                deliver(message);
            }

            // Also for what came twice: the acknowledgement may have been lost.
            if (received - acknowledged >= UnacknowledgedMax || packet.Number != received || message.IsAwaited)
            {
                SendAcknowledgement();
            }
        }
    }

    /// <summary>What time brings: acknowledgements, and everything under way again when none came.</summary>
    public void Tick()
    {
        if (receiving.TryEnter())
        {
            try
            {
                if (received > acknowledged)
                {
                    SendAcknowledgement();
                }
            }
            finally
            {
                receiving.Exit();
            }
        }

        lock (sending)
        {
            if (underWay.Count == 0)
            {
                silentTicks = 0;
            }
            else if (++silentTicks >= RetryTicks)
            {
                silentTicks = 0;
                foreach ((long number, Letter letter) in underWay)
                {
                    Send(number, letter.Message);
                }
            }
        }
    }

    /// <summary>The other node is gone: nothing is sent or delivered any more.</summary>
    public void Close()
    {
        lock (sending)
        {
            closed = true;
            underWay.Clear();
            waiting.Clear();
            Monitor.PulseAll(sending);
        }
    }

    private void Acknowledge(long upTo)
    {
        List<Action>? told = null;
        lock (sending)
        {
            while (underWay.TryPeek(out (long Number, Letter Letter) first) && first.Number <= upTo)
            {
                underWay.Dequeue();
                silentTicks = 0;
                if (first.Letter.Taken is { } taken)
                {
                    (told ??= []).Add(taken);
                }
            }

            SendWaiting();
        }

        told?.ForEach(taken => taken());
    }

    private void SendWaiting()
    {
        while (underWay.Count < WindowMax && waiting.TryDequeue(out Letter letter))
        {
            underWay.Enqueue((++lastNumber, letter));
            Send(lastNumber, letter.Message);
        }

        if (waiting.Count < RoomMax)
        {
            Monitor.PulseAll(sending);
        }
    }

    private void Send(long number, HostMessage message) =>
        send(HostCodec.Encode(new HostPacket(number, Volatile.Read(ref received), message)));

    private void SendAcknowledgement()
    {
        acknowledged = received;
        send(HostCodec.Encode(new HostPacket(0, received, null)));
    }

    private readonly record struct Letter(HostMessage Message, Action? Taken);
}
