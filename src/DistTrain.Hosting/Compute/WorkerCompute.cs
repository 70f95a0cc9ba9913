using System.Diagnostics;
using DistTrain.Graph;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;
using Input = DistTrain.Protocol.Input;

namespace DistTrain.Hosting;

/// <summary>
/// What a worker's host computes, on a thread of its own: requests one after the other, in the order they were asked for. Each
/// layer waits for its blocks at exactly the version of the step, and each block of gradient is handed over while earlier layers
/// still compute. Decides nothing: the worker's machine does.
/// </summary>
internal sealed class WorkerCompute : IDisposable
{
    private readonly TrainingTask task;
    private readonly Action<Input, BlockBuffer?> post;
    private readonly Action<Exception> fault;
    private readonly ForkJoinPool threads;
    private readonly InstalledBlocks installed;
    private readonly WeightGate gate;
    private readonly GradientBlocks blocks;
    private readonly SliceGradient gradient;
    private readonly SliceEvaluation[] evaluations;
    private readonly Queue<Effect> requests = new();
    private readonly object queueGate = new();
    private readonly float[] sums = new float[Loss.StatisticCount];
    private readonly float[] evaluated;
    private readonly Thread thread;
    private readonly MachineId worker;
    private readonly SpanBuffer? spans;
    private readonly InboxWatch? watch;
    private WorkerTimes times;
    private long noting = -1;
    private long looked;
    private StepNumber lastStep = new(-1);
    private RunEpoch epoch;
    private int cancellations;
    private bool stopped;

    /// <param name="worker">Whose; names the thread.</param>
    /// <param name="plan">What to compute.</param>
    /// <param name="threadCount">Threads of the kernels, this one included.</param>
    /// <param name="post">Takes answers to the machine, with a reference to the answer's buffer.</param>
    /// <param name="fault">Told of a defect; the thread then ends.</param>
    /// <param name="spans">Gets where its time goes; null: nobody asks.</param>
    /// <param name="memory">Where gradients are to lie; null: in this process's own.</param>
    /// <param name="watch">By which its thread looks for what other processes say; null: others tell it.</param>
    public WorkerCompute(
        MachineId worker,
        TaskPlan plan,
        int threadCount,
        Action<Input, BlockBuffer?> post,
        Action<Exception> fault,
        SpanBuffer? spans = null,
        IBlockMemory? memory = null,
        InboxWatch? watch = null)
    {
        this.watch = watch;
        this.spans = spans;
        this.worker = worker;
        task = plan.Task;
        this.post = post;
        this.fault = fault;
        threads = new ForkJoinPool(threadCount);
        installed = new InstalledBlocks(plan.Blocks.Blocks.Count, watch);
        gate = new WeightGate(task.Layout, plan.Blocks, installed, Look);
        blocks = new GradientBlocks(task.Layout, plan.Blocks, memory);
        gradient = new SliceGradient(task, threads);
        evaluations = [.. plan.EvaluationSources.Select(set => new SliceEvaluation(task, set, threads))];
        evaluated = new float[Loss.StatisticCount + task.Metrics.SumCount];
        thread = new Thread(Loop) { IsBackground = true, Name = $"{worker}" };
        if (spans is not null)
        {
            installed.OnWaited = (begin, end) => Note(SpanKind.Wait, begin, end);
        }

        thread.Start();
    }

    /// <summary>Where the time of its steps went so far; read by any thread, so two numbers may be a range apart.</summary>
    public WorkerTimes Times => times;

    /// <summary>Performs an effect of the worker's machine that is about computing; false for any other.</summary>
    public bool Perform(Effect effect)
    {
        switch (effect)
        {
            case ComputeRange or ComputeEvaluation:
                lock (queueGate)
                {
                    requests.Enqueue(effect);
                    Monitor.Pulse(queueGate);
                }

                return true;
            case InstallBlock install:
                installed.Install(install.Block, install.Version, install.Weights);
                return true;
            case DropVersions drop:
                installed.Drop(drop.Below);
                return true;
            case CancelComputations:
                Cancel();
                return true;
            case BeginEpoch begin:
                Cancel();
                installed.Clear();
                lock (queueGate)
                {
                    epoch = begin.Epoch;
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Ends the thread at its next look; a computation under way is not waited for.</summary>
    public void Dispose()
    {
        lock (queueGate)
        {
            stopped = true;
            Monitor.Pulse(queueGate);
        }

        Cancel();
    }

    /// <summary>After <see cref="Dispose"/>: waits for the computation under way, and for the spans that it leaves.</summary>
    public void Await() => thread.Join();

    private void Cancel()
    {
        lock (queueGate)
        {
            requests.Clear();
            cancellations++;
        }

        installed.Wake();
    }

    private void Loop()
    {
        watch?.Begin();
        try
        {
            DenormalCheck.ThrowIfFlushed();
            RunEpoch last = default;
            while (Next() is var (request, epochNow, asked) && request is not null)
            {
                if (epochNow != last)
                {
                    gate.Clear();
                    last = epochNow;
                }

                try
                {
                    Compute(request, () => Volatile.Read(ref cancellations) != asked);
                }
                catch (OperationCanceledException)
                {
                    // The machine asked for it and expects no answer.
                }
            }
        }
        catch (Exception exception)
        {
            fault(exception);
        }
        finally
        {
            watch?.End();
            gate.Clear();
            installed.Clear();
            threads.Dispose();
        }
    }

    private bool HasNext()
    {
        lock (queueGate)
        {
            return requests.Count > 0 || stopped;
        }
    }

    private (Effect? Request, RunEpoch Epoch, int Cancellations) Next()
    {
        using InboxWatch.Sleep sleep = InboxWatch.SleepUnless(watch, HasNext);
        lock (queueGate)
        {
            while (requests.Count == 0 && !stopped)
            {
                Monitor.Wait(queueGate);
            }

            return (stopped ? null : requests.Dequeue(), epoch, cancellations);
        }
    }

    private void Compute(Effect request, Func<bool> isCancelled)
    {
        if (request is ComputeEvaluation evaluate)
        {
            long asked = Stopwatch.GetTimestamp();
            noting = evaluate.Version.Value;
            gate.Begin(evaluate.Version, isCancelled);
            evaluations[evaluate.Batch.Set].Compute(evaluate.Batch.Batch, 0, task.Slices, gate.Parameters, gate, evaluated);
            Note(SpanKind.Evaluate, asked, Stopwatch.GetTimestamp());
            post(new EvaluationComputed(evaluate.Epoch, evaluate.Version, evaluate.Batch, TaskPlan.ToStatistics(evaluated)), null);
            return;
        }

        var compute = (ComputeRange)request;
        RangeStatistics? statistics = null;

        // Handing over steps other machines on this thread, as what it finds when it looks does: the last worker of a step updates the weights.
        // That is not its slowness.
        long begun = Stopwatch.GetTimestamp(), waited = installed.Waited, handedOver = -looked, lossAt = begun;
        noting = compute.Step.Value;
        gate.Begin(compute.Step.Before, isCancelled);
        blocks.Begin(
            (block, buffer) =>
            {
                long complete = Stopwatch.GetTimestamp();
                post(new BlockGradientReady(compute.Epoch, compute.Step, compute.Range, block, buffer, statistics!), buffer);
                long handed = Stopwatch.GetTimestamp();
                handedOver += handed - complete;
                Note(SpanKind.Push, complete, handed, compute.Range, block.Value);
                Look();
            },
            isCancelled);
        gradient.Compute(
            compute.Step.Value,
            compute.Range.First,
            compute.Range.Count,
            gate.Parameters,
            gate,
            blocks,
            sums,
            () =>
            {
                statistics = TaskPlan.ToStatistics(sums);
                lossAt = Stopwatch.GetTimestamp();
            });
        long ended = Stopwatch.GetTimestamp();
        Note(SpanKind.Forward, begun, lossAt, compute.Range);
        Note(SpanKind.Backward, lossAt, ended, compute.Range);
        Note(SpanKind.Range, begun, ended, compute.Range);
        waited = installed.Waited - waited;
        handedOver += looked;
        TimeSpan busy = Stopwatch.GetElapsedTime(begun + handedOver + waited, ended);
        times = times.With(compute.Step != lastStep, TimeSpan.FromSeconds((double)waited / Stopwatch.Frequency), busy, TimeSpan.FromSeconds((double)handedOver / Stopwatch.Frequency));
        lastStep = compute.Step;
        post(new RangeMeasured(compute.Epoch, compute.Step, compute.Range, (long)busy.TotalMicroseconds), null);
    }

    /// <summary>For what other processes say, between two layers.</summary>
    private void Look()
    {
        long begun = Stopwatch.GetTimestamp();
        if (watch is not null && watch.Look())
        {
            looked += Stopwatch.GetTimestamp() - begun;
        }
    }

    private void Note(SpanKind kind, long begin, long end, SliceRange? range = null, int item = -1) =>
        spans?.Add(new Span(kind, worker, SpanBuffer.ToNanoseconds(begin), SpanBuffer.ToNanoseconds(end))
        {
            At = noting,
            Item = item,
            First = range?.First ?? -1,
            Count = range?.Count ?? -1,
        });
}
