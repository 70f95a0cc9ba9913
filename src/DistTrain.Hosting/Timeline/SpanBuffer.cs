using System.Diagnostics;

namespace DistTrain.Hosting;

/// <summary>A process's spans until they are written or sent. Bounded: what comes while it is full is counted and lost. Safe for all threads.</summary>
internal sealed class SpanBuffer
{
    /// <summary>4 MB, a second of 65,000 spans.</summary>
    public const int SpansMax = 1 << 16;

    private readonly Lock gate = new();
    private List<Span> spans = [];
    private List<Span> spare = [];

    /// <summary>Spans that found no room.</summary>
    public long Lost { get; private set; }

    /// <summary>This process's clock, in nanoseconds.</summary>
    public static long Now => ToNanoseconds(Stopwatch.GetTimestamp());

    public static long ToNanoseconds(long timestamp) => Stopwatch.Frequency == 1_000_000_000
        ? timestamp
        : (long)((Int128)timestamp * 1_000_000_000 / Stopwatch.Frequency);

    public void Add(Span span)
    {
        lock (gate)
        {
            if (spans.Count < SpansMax)
            {
                spans.Add(span);
            }
            else
            {
                Lost++;
            }
        }
    }

    /// <summary>Everything so far, oldest end first; valid until the next call.</summary>
    public IReadOnlyList<Span> Drain()
    {
        lock (gate)
        {
            (spans, spare) = (spare, spans);
            spans.Clear();
            return spare;
        }
    }
}
