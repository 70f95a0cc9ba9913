using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// What waits for one peer: control frames in order, tensors by urgency. It outlives connections, so that what waited goes on after a
/// short break; a frame that was begun is lost with its connection, never sent twice.
/// </summary>
/// <remarks>All members need <see cref="Gate"/>, which is also the gate of whoever pumps the queue into a socket.</remarks>
internal sealed class LaneQueue(LaneOptions options)
{
    private readonly Queue<Entry> control = new();
    private readonly PriorityQueue<Entry, (int Urgency, long Order)> tensors = new();
    private readonly HashSet<(MachineId To, BlockBuffer Payload)> waiting = [];
    private long order;

    public Lock Gate { get; } = new();

    /// <summary>Of tensors and host bytes that wait.</summary>
    public long Bytes { get; private set; }

    public int Frames => control.Count + tensors.Count;

    /// <summary>Frames that were dropped: repeats of what still waits, and what waited too long.</summary>
    public long Dropped { get; private set; }

    public void CountDropped() => Dropped++;

    /// <summary>Adds an entry with its reference to the payload. False: the bounds are reached, and the entry was not taken.</summary>
    public bool TryAdd(Entry entry)
    {
        if (Bytes + entry.Bytes > options.QueuedBytesMax || Frames >= options.QueuedFramesMax)
        {
            return false;
        }

        if (entry.Message?.Payload is not { } payload)
        {
            Add(entry, 0);
        }
        else if (waiting.Add((entry.To, payload)))
        {
            Add(entry, entry.Message.Urgency);
        }
        else
        {
            // A machine repeats what is not answered yet; a queue that is slow must not become longer by that.
            Dropped++;
            entry.Release();
        }

        return true;
    }

    /// <summary>The most urgent entry; the caller owns it.</summary>
    public bool TryTake(out Entry entry) => TryTakeControl(out entry) || (tensors.TryDequeue(out entry, out _) && Taken(entry));

    /// <summary>The next control frame; the caller owns it.</summary>
    public bool TryTakeControl(out Entry entry) => control.TryDequeue(out entry) && Taken(entry);

    /// <summary>Drops everything, or what has waited since before a time.</summary>
    public void Drop(long before = long.MaxValue)
    {
        for (int left = control.Count; left > 0 && TryTakeControl(out Entry entry); left--)
        {
            KeepIfSince(before, entry);
        }

        var all = new List<Entry>(tensors.Count);
        while (tensors.TryDequeue(out Entry entry, out _) && Taken(entry))
        {
            all.Add(entry);
        }

        all.ForEach(entry => KeepIfSince(before, entry));
    }

    private void KeepIfSince(long time, Entry entry)
    {
        if (entry.Since >= time)
        {
            TryAdd(entry);
            return;
        }

        Dropped++;
        entry.Release();
    }

    private bool Taken(Entry entry)
    {
        Bytes -= entry.Bytes;
        if (entry.Message?.Payload is { } payload)
        {
            waiting.Remove((entry.To, payload));
        }

        return true;
    }

    private void Add(Entry entry, int urgency)
    {
        Bytes += entry.Bytes;
        if (entry.Bytes > LaneConnection.ControlBytesMax)
        {
            tensors.Enqueue(entry, (urgency, order++));
        }
        else
        {
            control.Enqueue(entry);
        }
    }

    /// <summary>A message of machines, or bytes of the host.</summary>
    /// <param name="From">Sender.</param>
    /// <param name="To">Receiver.</param>
    /// <param name="Message">Null: it is bytes of the host.</param>
    /// <param name="HostBytes">Those, or null.</param>
    /// <param name="Channel">Of those.</param>
    /// <param name="Since">Timestamp.</param>
    internal readonly record struct Entry(MachineId From, MachineId To, Message? Message, byte[]? HostBytes, int Channel, long Since)
    {
        public int Bytes => Message?.Payload is { } payload ? payload.Length * sizeof(float) : HostBytes?.Length ?? 0;

        public void Release() => Message?.Payload?.Release();
    }
}
