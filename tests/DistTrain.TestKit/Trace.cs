using System.Text.Json;

namespace DistTrain.TestKit;

/// <summary>A file in the trace event format, read back.</summary>
public sealed class Trace
{
    private Trace(Dictionary<int, string> processes, Dictionary<(int Process, int Line), string> lines, List<TraceEvent> events)
    {
        (Processes, Lines, Events) = (processes, lines, events);
    }

    /// <summary>Names by number.</summary>
    public IReadOnlyDictionary<int, string> Processes { get; }

    public IReadOnlyDictionary<(int Process, int Line), string> Lines { get; }

    /// <summary>All but the names.</summary>
    public IReadOnlyList<TraceEvent> Events { get; }

    /// <exception cref="JsonException">The file is not whole.</exception>
    public static Trace Read(string path)
    {
        var processes = new Dictionary<int, string>();
        var lines = new Dictionary<(int, int), string>();
        var events = new List<TraceEvent>();
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var document = JsonDocument.Parse(stream);
        foreach (JsonElement entry in document.RootElement.EnumerateArray())
        {
            (int process, int line) = (entry.GetProperty("pid").GetInt32(), entry.GetProperty("tid").GetInt32());
            string name = entry.GetProperty("name").GetString()!;
            if (entry.GetProperty("ph").GetString() == "M")
            {
                string named = entry.GetProperty("args").GetProperty("name").GetString()!;
                if (name == "process_name")
                {
                    processes[process] = named;
                }
                else
                {
                    lines[(process, line)] = named;
                }

                continue;
            }

            double begin = entry.GetProperty("ts").GetDouble();
            double duration = entry.TryGetProperty("dur", out JsonElement took) ? took.GetDouble() : 0;
            events.Add(new TraceEvent(
                name, process, line, begin, begin + duration, entry.GetProperty("args").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetDouble())));
        }

        return new Trace(processes, lines, events);
    }

    /// <summary>Pairs on one line of one process that overlap without one lying in the other.</summary>
    /// <param name="slack">Microseconds of rounding.</param>
    public IEnumerable<(TraceEvent First, TraceEvent Second)> Crossings(double slack)
    {
        foreach (IGrouping<(int, int), TraceEvent> line in Events.GroupBy(each => (each.Process, each.Line)))
        {
            var open = new Stack<TraceEvent>();
            foreach (TraceEvent next in line.OrderBy(each => each.Begin).ThenByDescending(each => each.End))
            {
                while (open.TryPeek(out TraceEvent? top) && top.End <= next.Begin + slack)
                {
                    open.Pop();
                }

                if (open.TryPeek(out TraceEvent? around) && next.End > around.End + slack)
                {
                    yield return (around, next);
                }

                open.Push(next);
            }
        }
    }
}
