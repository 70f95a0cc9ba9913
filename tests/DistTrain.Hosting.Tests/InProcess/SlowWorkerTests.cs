using System.Collections.Concurrent;
using System.Diagnostics;
using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

/// <summary>One of four workers really is ten times slower, because its data come slower; throughput in virtual time is the simulator's.</summary>
public class SlowWorkerTests
{
    private const int Slices = 16;
    private const int RowsPerSlice = 4;
    private const int Steps = 130;
    private const int RecoversAt = 50;
    private const string Job = TestTasks.Branching
        + "train: { epochs: 130, batch: 64, slices: 16, optimizer: { adam: 0.01 } }\nrun: { workers: 4, servers: 1, threads: 1 }\n";

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_slow_worker_gets_fewer_slices_and_its_share_again_when_it_is_fast()
    {
        TrainingTask calm = TestTasks.Task(Job, samples: Slices * RowsPerSlice);
        using var source = new SlowSource(calm.Data.Train, "worker 3");
        TrainingTask task = TrainingTask.Create(calm.Job, new Splits(source, null));
        var clock = Stopwatch.StartNew();
        var committed = new ConcurrentQueue<TimeSpan>();
        var slowRows = new ConcurrentQueue<long>();
        using var run = new InProcessRun(task, task.Start(), folder: null, _ => { }, step =>
        {
            committed.Enqueue(clock.Elapsed);
            slowRows.Enqueue(source.SlowRows);
            source.Factor = step.Step.Value < RecoversAt ? 10 : 1;
        });
        run.Start();
        Checkpoint result = await run.Completion.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(calm).Run().Weights), WeightsHash.Sha256(result.Weights));
        TimeSpan[] at = [.. committed];
        long[] rows = [.. slowRows];
        Assert.Equal(Steps, at.Length);

        // A quarter of the slices takes it 120 ms. The fastest step, for other steps may have waited for a core.
        TimeSpan fastest = Enumerable.Range(RecoversAt - 20, 20).Min(step => at[step] - at[step - 1]);
        Assert.True(fastest.TotalMilliseconds < 60, $"no step took less than {fastest.TotalMilliseconds} ms");
        Assert.True(rows[RecoversAt] - rows[RecoversAt - 20] <= 2 * 20 * RowsPerSlice, "more than two slices a step while it was slow");
        Assert.True(rows[^1] - rows[^21] >= 2 * 20 * RowsPerSlice, "less than two slices a step when it was fast again");
    }

    /// <summary>A slice takes three milliseconds to read; for one thread longer.</summary>
    private sealed class SlowSource(IDataSource source, string slowThread) : IDataSource, IDisposable
    {
        private readonly ManualResetEventSlim never = new();
        private long slowRows;

        public volatile int Factor = 10;

        public long SlowRows => Interlocked.Read(ref slowRows);

        public string Name => source.Name;

        public int Count => source.Count;

        public Shape SampleShape => source.SampleShape;

        public TargetDescription Target => source.Target;

        public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
        {
            bool isSlow = Thread.CurrentThread.Name == slowThread;
            Interlocked.Add(ref slowRows, isSlow ? indices.Length : 0);
            never.Wait(3 * indices.Length / RowsPerSlice * (isSlow ? Factor : 1));
            source.Read(indices, features, targets);
        }

        public void Dispose() => never.Dispose();
    }
}
