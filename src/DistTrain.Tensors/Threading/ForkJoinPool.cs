using System.Runtime.InteropServices;

namespace DistTrain.Tensors;

/// <summary>
/// Runs the parts of one kernel call on a fixed set of threads. Which thread runs which part never shows in the bits:
/// parts write disjoint outputs and no sum crosses a part.
/// </summary>
/// <remarks>
/// <para>One caller at a time: a pool belongs to one worker. Threads spin for a while after a job, because the next one
/// usually comes within microseconds, and then park. A thread that parks counts itself in before it looks at the job again;
/// the other order can miss the wake-up and hang. Parked threads wait for the job number itself: a semaphore's permit can be
/// taken by a thread that was early, and the one it was meant for then sleeps on for ever.</para>
/// <para>Run waits for parts, not for threads: on a machine with fewer free cores than threads the caller does the work of
/// those that don't get to run. So a thread may come late, when its job is long over, and must take nothing of a later job by
/// mistake. Hence one word, the ticket, holds the job's number and how many parts are left, and parts are taken by
/// compare-and-swap on it: whoever succeeds holds a part of the present job, and its fields stand until that part is done.</para>
/// </remarks>
public sealed unsafe class ForkJoinPool : IDisposable
{
    /// <summary>About 50 µs of pause instructions: longer than the gaps between kernels of a step.</summary>
    private const int SpinsMax = 20_000;

    /// <summary>Parked threads wait on this monitor; System.Threading.Lock can't be waited on.</summary>
    private readonly object parking = new();
    private readonly int spinsMax;
    private Control control;
    private delegate*<void*, int, void> body;
    private void* context;
    private int parts;
    private volatile bool disposed;

    /// <summary>A pool of the calling thread and threads - 1 others.</summary>
    public ForkJoinPool(int threads)
        : this(threads, SpinsMax)
    {
    }

    /// <summary>With another number of spins before a thread parks; tests park early.</summary>
    internal ForkJoinPool(int threads, int spinsMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        this.spinsMax = spinsMax;
        Threads = threads;
        for (int i = 1; i < threads; i++)
        {
            new Thread(Loop) { IsBackground = true, Name = "fork-join " + i }.Start();
        }
    }

    /// <summary>A pool without threads of its own: everything runs on the caller. May be shared.</summary>
    public static ForkJoinPool Single { get; } = new(1);

    public int Threads { get; }

    /// <summary>Calls body(context, part) for each part in 0..parts-1 and returns when all have returned.</summary>
    /// <param name="parts">Number of independent parts; a few times <see cref="Threads"/> balances best.</param>
    /// <param name="body">Static method; must not throw.</param>
    /// <param name="context">Arguments that live on the caller's stack until Run returns.</param>
    public void Run(int parts, delegate*<void*, int, void> body, void* context)
    {
        if (Threads == 1 || parts <= 1)
        {
            for (int part = 0; part < parts; part++)
            {
                body(context, part);
            }

            return;
        }

        this.body = body;
        this.context = context;
        this.parts = parts;
        control.Unfinished = parts;
        Announce(parts);
        TakeParts();
        for (int spins = 0; Volatile.Read(ref control.Unfinished) != 0; spins++)
        {
            if (spins < spinsMax)
            {
                Thread.SpinWait(1);
            }
            else
            {
                // More threads than cores: the one that holds the last part may need this core.
                Thread.Yield();
            }
        }
    }

    /// <summary>Lets the threads end; no Run may be under way. Not needed for correctness: the threads are background threads.</summary>
    public void Dispose()
    {
        if (Threads > 1 && !disposed)
        {
            disposed = true;
            Announce(0);
        }
    }

    private static int Job(long ticket) => (int)(ticket >> 32);

    private static int PartsLeft(long ticket) => (int)ticket;

    /// <summary>Publishes the next job and wakes who is parked. A thread that isn't counted yet will still look at the ticket.</summary>
    private void Announce(int partsLeft)
    {
        long next = ((long)(Job(control.Ticket) + 1) << 32) | (uint)partsLeft;
        Interlocked.Exchange(ref control.Ticket, next);
        if (Volatile.Read(ref control.Parked) > 0)
        {
            lock (parking)
            {
                Monitor.PulseAll(parking);
            }
        }
    }

    private void TakeParts()
    {
        long ticket = Volatile.Read(ref control.Ticket);
        while (PartsLeft(ticket) > 0)
        {
            long found = Interlocked.CompareExchange(ref control.Ticket, ticket - 1, ticket);
            if (found == ticket)
            {
                body(context, parts - PartsLeft(ticket));
                Interlocked.Decrement(ref control.Unfinished);
                found = Volatile.Read(ref control.Ticket);
            }

            ticket = found;
        }
    }

    private void Loop()
    {
        int seen = 0;
        while (!disposed)
        {
            for (int spins = 0; Job(Volatile.Read(ref control.Ticket)) == seen; spins++)
            {
                if (spins < spinsMax)
                {
                    Thread.SpinWait(1);
                }
                else
                {
                    Park(seen);
                }
            }

            seen = Job(Volatile.Read(ref control.Ticket));
            TakeParts();
        }
    }

    private void Park(int seen)
    {
        lock (parking)
        {
            Interlocked.Increment(ref control.Parked);
            while (Job(Volatile.Read(ref control.Ticket)) == seen)
            {
                Monitor.Wait(parking);
            }

            Interlocked.Decrement(ref control.Parked);
        }
    }

    /// <summary>Each counter on a cache line of its own: they are written by different threads.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 320)]
    private struct Control
    {
        /// <summary>Number of the present job (upper half) and its parts that nobody has taken (lower half).</summary>
        [FieldOffset(64)]
        public long Ticket;

        /// <summary>Parts of the present job that have not returned. Invariant: never less than the parts left.</summary>
        [FieldOffset(128)]
        public int Unfinished;

        [FieldOffset(192)]
        public int Parked;
    }
}
