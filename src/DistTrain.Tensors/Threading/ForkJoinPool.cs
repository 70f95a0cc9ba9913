using System.Runtime.InteropServices;

namespace DistTrain.Tensors;

/// <summary>
/// Runs the parts of one kernel call on a fixed set of threads. Which thread runs which part never shows in the bits:
/// parts write disjoint outputs and no sum crosses a part.
/// </summary>
/// <remarks>
/// One caller at a time: a pool belongs to one worker. Threads spin for a while after a job, because the next one usually
/// comes within microseconds, and then park. A thread that parks counts itself in before it looks at the generation again;
/// the other order can miss the wake-up and hang.
/// </remarks>
public sealed unsafe class ForkJoinPool : IDisposable
{
    /// <summary>About 50 µs of pause instructions: longer than the gaps between kernels of a step.</summary>
    private const int SpinsMax = 20_000;

    private readonly Lock parking = new();
    private readonly SemaphoreSlim wake = new(0);
    private Control control;
    private delegate*<void*, int, void> body;
    private void* context;
    private int parts;
    private volatile bool disposed;

    /// <summary>A pool of the calling thread and threads - 1 others.</summary>
    public ForkJoinPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
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
        if (Threads == 1 || parts == 1)
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
        control.Next = 0;
        Volatile.Write(ref control.Pending, Threads - 1);
        Interlocked.Increment(ref control.Generation);
        int parked = Volatile.Read(ref control.Parked);
        if (parked > 0)
        {
            lock (parking)
            {
                parked = control.Parked;
                control.Parked = 0;
            }

            if (parked > 0)
            {
                wake.Release(parked);
            }
        }

        TakeParts();
        while (Volatile.Read(ref control.Pending) != 0)
        {
            Thread.SpinWait(1);
        }
    }

    /// <summary>Lets the threads end; no Run may be under way. Not needed for correctness: the threads are background threads.</summary>
    public void Dispose()
    {
        if (Threads == 1 || disposed)
        {
            return;
        }

        disposed = true;
        Interlocked.Increment(ref control.Generation);
        wake.Release(Threads);
    }

    private void TakeParts()
    {
        for (int part; (part = Interlocked.Increment(ref control.Next) - 1) < parts;)
        {
            body(context, part);
        }
    }

    private void Loop()
    {
        int seen = 0;
        while (true)
        {
            int spins = 0;
            while (Volatile.Read(ref control.Generation) == seen)
            {
                if (spins++ < SpinsMax)
                {
                    Thread.SpinWait(1);
                    continue;
                }

                lock (parking)
                {
                    Interlocked.Increment(ref control.Parked);
                    if (Volatile.Read(ref control.Generation) != seen)
                    {
                        control.Parked--;
                        break;
                    }
                }

                wake.Wait();
                spins = 0;
            }

            seen++;
            if (disposed)
            {
                return;
            }

            TakeParts();
            Interlocked.Decrement(ref control.Pending);
        }
    }

    /// <summary>Each counter on a cache line of its own: they are written by different threads.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Control
    {
        [FieldOffset(64)]
        public int Generation;

        [FieldOffset(128)]
        public int Pending;

        [FieldOffset(192)]
        public int Parked;

        [FieldOffset(256)]
        public int Next;
    }
}
