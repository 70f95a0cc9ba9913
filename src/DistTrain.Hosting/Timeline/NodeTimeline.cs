using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>A node's part of a timeline: asks the launcher for the time, and sends it the spans by the launcher's clock.</summary>
/// <param name="launcher">The way there.</param>
internal sealed class NodeTimeline(HostChannel launcher)
{
    /// <summary>Answers at the begin, asked for at every tick, before the first time is translated; then one a second.</summary>
    private const int AnswersMin = 8;

    /// <summary>Ticks between two sendings.</summary>
    public const int SendTicks = 4;

    private readonly ClockEstimate estimate = new();
    private readonly SlewedClock clock = new();
    private readonly Lock gate = new();
    private readonly Queue<Span[]> ready = new();
    private TaskCompletionSource? flushed;
    private int answers;
    private bool isUnderWay;

    public SpanBuffer Spans { get; } = new();

    public void Tick(long tick)
    {
        if (Volatile.Read(ref answers) < AnswersMin || tick % HostClock.MeasureTicks == 0)
        {
            launcher.Tell(new ClockAsked(SpanBuffer.Now));
        }

        if (tick % SendTicks == 0)
        {
            Send();
        }
    }

    public void Take(ClockTold told)
    {
        long now = SpanBuffer.Now;
        lock (gate)
        {
            estimate.Add(told.Sent, told.ReceivedThere, told.SentThere, now);
            if (++answers < AnswersMin || !estimate.IsKnown)
            {
                return;
            }

            clock.Follow(now, estimate.ToOther);

            // In its own clock, like all spans until they are sent.
            long there = clock.ToOther(now);
            long uncertainty = estimate.Uncertainty + Math.Abs(there - estimate.ToOther(now));
            Spans.Add(new Span(SpanKind.Clock, MachineId.Coordinator, now, now) { At = there - now, Count = (int)Math.Min(uncertainty, int.MaxValue), Item = (int)Spans.Lost });
        }
    }

    /// <summary>Sends all there is; completes when the launcher has it.</summary>
    public Task FlushAsync()
    {
        lock (gate)
        {
            flushed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Send();
        return flushed.Task;
    }

    /// <summary>One message at a time: spans that the launcher is too slow for stay in their buffer, which is bounded.</summary>
    private void Send()
    {
        Span[] spans;
        lock (gate)
        {
            if (isUnderWay || !clock.IsSet)
            {
                return;
            }

            if (ready.Count == 0)
            {
                foreach (Span[] part in Spans.Drain().Chunk(SpanCodec.SpansMax))
                {
                    ready.Enqueue([.. part.Select(span => span with { Begin = clock.ToOther(span.Begin), End = clock.ToOther(span.End) })]);
                }
            }

            if (!ready.TryDequeue(out spans!))
            {
                flushed?.TrySetResult();
                return;
            }

            isUnderWay = true;
        }

        launcher.Post(new SpansTold { Bulk = SpanCodec.Encode(spans) }, OnTaken);
    }

    private void OnTaken()
    {
        bool goesOn;
        lock (gate)
        {
            isUnderWay = false;
            goesOn = ready.Count > 0 || flushed is not null;
        }

        if (goesOn)
        {
            Send();
        }
    }
}
