using System.Diagnostics;

namespace DistTrain.Tensors.Tests;

public sealed unsafe class ForkJoinPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_part_runs_exactly_once_before_Run_returns(int threads)
    {
        using var pool = new ForkJoinPool(threads);
        foreach (int parts in new[] { 0, 1, 2, 3, 7, 64, 1000 })
        {
            int[] counts = new int[parts + 1];
            fixed (int* pointer = counts)
            {
                pool.Run(parts, &Count, pointer);
            }

            Assert.All(counts[..parts], count => Assert.Equal(1, count));
            Assert.Equal(0, counts[parts]);
        }
    }

    /// <summary>A lost wake-up or a part counted twice shows as a hang; the deadline turns it into a failure.</summary>
    [Theory]
    [InlineData(2, 100_000)]
    [InlineData(3, 100_000)]
    [InlineData(4, 100_000)]
    public void Many_short_runs_in_a_row_lose_no_part(int threads, int runs)
    {
        WithDeadline(() =>
        {
            using var pool = new ForkJoinPool(threads);
            int* count = stackalloc int[1];
            *count = 0;
            for (int run = 0; run < runs; run++)
            {
                pool.Run(threads, &CountAll, count);
            }

            Assert.Equal(threads * runs, *count);
        });
    }

    /// <summary>No spinning between runs that are further apart than the spins: every run wakes threads that parked or are about to.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Threads_wake_whenever_the_next_run_comes(int threads)
    {
        WithDeadline(() =>
        {
            using var pool = new ForkJoinPool(threads, spinsMax: 3);
            int* count = stackalloc int[1];
            *count = 0;
            const int runs = 10_000;
            for (int run = 0; run < runs; run++)
            {
                pool.Run(threads + 1, &CountAll, count);
                Thread.SpinWait(run % 40);
            }

            Assert.Equal((threads + 1) * runs, *count);
        });
    }

    [Fact]
    public void A_pool_needs_a_thread()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ForkJoinPool(0));
        Assert.Equal(1, ForkJoinPool.Single.Threads);
    }

    private static void Count(void* counts, int part) => Interlocked.Increment(ref ((int*)counts)[part]);

    private static void CountAll(void* count, int part) => Interlocked.Increment(ref *(int*)count);

    private static void WithDeadline(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                failure = exception;
            }
        })
        { IsBackground = true };
        var watch = Stopwatch.StartNew();
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromMinutes(5)), $"The pool hangs ({watch.Elapsed.TotalSeconds:F0} s).");
        Assert.Null(failure);
    }
}
