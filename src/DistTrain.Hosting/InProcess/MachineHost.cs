using System.Collections.Concurrent;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// One machine with its mailbox. It has no thread: whoever posts an input to an idle machine steps it, and goes on stepping until
/// the mailbox is empty; who posts to a busy one leaves the input there. So a machine never runs twice at once, a step of training
/// costs no thread switch, and the update of a layer runs on the core that completed its gradient.
/// </summary>
/// <remarks>
/// Rejected: a thread or task for each machine. With as many compute threads as cores, every message would wait for a core
/// (measured on 2 cores: 3-5 µs each, some 40 messages a step). Depth of the stack is bounded: a machine that is being stepped is
/// busy, so each appears on a stack at most once.
/// </remarks>
internal sealed class MachineHost(
    IMachine machine, Action<MachineHost, Effect> perform, Action<Exception> fault, MachineSpans? spans = null, Action? performed = null)
{
    private readonly ConcurrentQueue<Delivery> mailbox = new();
    private readonly Outbox outbox = new();
    private readonly List<Effect> effects = [];
    private int waiting;
    private volatile bool closed;

    public MachineId Id => machine.Id;

    /// <summary>The machine itself, for snapshots that it can give at any time.</summary>
    public IMachine Machine => machine;

    /// <summary>Hands an input to the machine; returns when it, or whoever steps the machine now, has taken it over.</summary>
    /// <param name="input">The input.</param>
    /// <param name="lease">A reference to each buffer of the input, released after the machine's Step.</param>
    public void Post(Input input, params ReadOnlySpan<BlockBuffer> lease)
    {
        BlockBuffer? first = lease.Length > 0 ? lease[0] : null;
        BlockBuffer? second = lease.Length > 1 ? lease[1] : null;
        Add(new Delivery(input, first, second, null));
    }

    /// <summary>Looks at the machine between two of its steps.</summary>
    public void Inspect(Action<IMachine> look) => Add(new Delivery(null, null, null, look));

    /// <summary>Inputs from now on are dropped: the run is over or has failed.</summary>
    public void Close() => closed = true;

    private void Add(Delivery added)
    {
        mailbox.Enqueue(added);
        if (Interlocked.Increment(ref waiting) != 1)
        {
            return;
        }

        do
        {
            // Counted in before it was waited for: the entry is there.
            mailbox.TryDequeue(out Delivery delivery);
            Deliver(delivery);
        }
        while (Interlocked.Decrement(ref waiting) != 0);
    }

    private void Deliver(Delivery delivery)
    {
        try
        {
            delivery.Look?.Invoke(machine);
            if (!closed && delivery.Input is { } input)
            {
                long begin = spans is null ? 0 : SpanBuffer.Now;
                machine.Step(input, outbox);
                spans?.Stepped(input, begin);
                Perform();
            }
        }
        catch (Exception exception)
        {
            closed = true;
            fault(exception);
        }
        finally
        {
            delivery.First?.Release();
            delivery.Second?.Release();
        }
    }

    private void Perform()
    {
        effects.AddRange(outbox.Effects);
        outbox.Clear();
        long begin = spans is null ? 0 : SpanBuffer.Now;
        foreach (Effect effect in effects)
        {
            perform(this, effect);
        }

        if (effects.Count > 0)
        {
            performed?.Invoke();
        }

        spans?.Performed(effects, begin);

        effects.Clear();
    }

    private readonly record struct Delivery(Input? Input, BlockBuffer? First, BlockBuffer? Second, Action<IMachine>? Look);
}
