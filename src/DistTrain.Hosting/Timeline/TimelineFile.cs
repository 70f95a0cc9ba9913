using System.Globalization;
using System.Text;
using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>
/// A run's spans in the JSON trace event format, which Perfetto and chrome://tracing open: a process for each of the run's, a line for each
/// machine. After every write the file is whole JSON, so that it can be looked at, or the run killed, at any time.
/// </summary>
/// <remarks>
/// Safe for all threads. Format: "Trace Event Format" of the Chromium project; complete events (ph X), instants (i) and names (M), in
/// microseconds since the run began, by the clock of the process that writes.
/// </remarks>
internal sealed class TimelineFile : IDisposable
{
    /// <summary>More than what is looked at, and as much as Perfetto opens with ease; what comes later is left out.</summary>
    private const long BytesMax = 256L << 20;

    private static readonly byte[] Ending = "\n]\n"u8.ToArray();

    private readonly Lock gate = new();
    private readonly FileStream stream;
    private readonly StringBuilder text = new();
    private readonly HashSet<(int Process, MachineId Machine, Aside Aside)> named = [];
    private readonly long origin = SpanBuffer.Now;
    private bool isEmpty = true;
    private bool isClosed;

    /// <exception cref="UserError">The file can't be written.</exception>
    public TimelineFile(string path)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
            stream.Write("["u8);
            stream.Write(Ending);
            stream.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--timeline: {path}: can't be written: {e.Message}", e);
        }
    }

    /// <summary>What was left out because the file is full, or could not be written.</summary>
    public long SpansLeftOut { get; private set; }

    /// <summary>Names a process of the run.</summary>
    public void Name(int process, string name)
    {
        lock (gate)
        {
            Append($"{{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":{process},\"tid\":0,\"args\":{{\"name\":\"{name}\"}}}}");
            Write(0);
        }
    }

    /// <param name="process">Whose.</param>
    /// <param name="spans">In the clock of this process.</param>
    public void Add(int process, IReadOnlyCollection<Span> spans)
    {
        lock (gate)
        {
            foreach (Span span in spans)
            {
                Append(process, span);
            }

            Write(spans.Count);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isClosed = true;
            stream.Dispose();
        }
    }

    private static int LineOf(Span span) => ((int)span.Machine.Role << 24) + (span.Machine.Number << 2) + (int)AsideOf(span.Kind) + 1;

    // These may overlap what else their machine does.
    private static Aside AsideOf(SpanKind kind) => kind switch
    {
        SpanKind.Checkpoint => Aside.Checkpoints,
        SpanKind.Clock => Aside.Clock,
        _ => Aside.None,
    };

    private static string NameOf(SpanKind kind) => kind switch
    {
        SpanKind.Wait => "wait for blocks",
        SpanKind.Joined => "joined",
        SpanKind.Gone => "gone",
        _ => $"{kind}".ToLowerInvariant(),
    };

    private void Append(int process, Span span)
    {
        Aside aside = AsideOf(span.Kind);
        if (named.Add((process, span.Machine, aside)))
        {
            string line = aside == Aside.None ? $"{span.Machine}" : $"{aside}".ToLowerInvariant();
            Append($"{{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":{process},\"tid\":{LineOf(span)},\"args\":{{\"name\":\"{line}\"}}}}");
        }

        bool isInstant = span.Kind is SpanKind.Joined or SpanKind.Gone or SpanKind.Clock;
        string name = span.Kind is SpanKind.Joined or SpanKind.Gone ? $"{new MachineId((MachineRole)span.Count, span.Item)} {NameOf(span.Kind)}" : NameOf(span.Kind);
        string when = string.Create(CultureInfo.InvariantCulture, $"\"ts\":{(span.Begin - origin) / 1e3:F3}");
        string took = isInstant ? "\"ph\":\"i\",\"s\":\"t\"" : string.Create(CultureInfo.InvariantCulture, $"\"ph\":\"X\",\"dur\":{Math.Max(0, span.End - span.Begin) / 1e3:F3}");
        Append($"{{\"name\":\"{name}\",{took},{when},\"pid\":{process},\"tid\":{LineOf(span)},\"args\":{{{Arguments(span)}}}}}");
    }

    private static string Arguments(Span span)
    {
        var parts = new List<string>();
        void Add(string name, long value) => parts.Add(string.Create(CultureInfo.InvariantCulture, $"\"{name}\":{value}"));
        switch (span.Kind)
        {
            case SpanKind.Joined or SpanKind.Gone or SpanKind.Gather:
                break;
            case SpanKind.Clock:
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"\"offset_us\":{span.At / 1e3:F3},\"uncertainty_us\":{span.Count / 1e3:F3},\"lost_spans\":{span.Item}"));
                break;
            case SpanKind.Evaluate or SpanKind.Publish or SpanKind.Checkpoint:
                Add("version", span.At);
                break;
            default:
                Add("step", span.At);
                break;
        }

        if (span.Kind is SpanKind.Push or SpanKind.Receive or SpanKind.Update or SpanKind.Publish)
        {
            Add("block", span.Item);
        }

        if (span.First >= 0)
        {
            Add("slice", span.First);
            Add("slices", span.Count);
        }

        return string.Join(',', parts);
    }

    private void Append(string line)
    {
        text.Append(isEmpty ? "\n" : ",\n").Append(line);
        isEmpty = false;
    }

    /// <summary>In one call over the ending that stands there, so the file is whole before and after.</summary>
    private void Write(int spans)
    {
        try
        {
            if (text.Length == 0 || isClosed)
            {
                return;
            }

            if (stream.Length + text.Length > BytesMax)
            {
                SpansLeftOut += spans;
                return;
            }

            stream.Position = stream.Length - Ending.Length;
            stream.Write([.. Encoding.UTF8.GetBytes(text.ToString()), .. Ending]);
            stream.Flush();
        }
        catch (IOException)
        {
            SpansLeftOut += spans;
        }
        finally
        {
            text.Clear();
        }
    }

    /// <summary>Lines beside a machine's own.</summary>
    private enum Aside
    {
        None,
        Checkpoints,
        Clock,
    }
}
