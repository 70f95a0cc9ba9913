using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>Every event in order: hashed all, the last ones kept for people.</summary>
internal sealed class TraceLog(Action<string>? listener) : IDisposable
{
    private const int LastEventsMax = 30;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Dictionary<Type, byte[]> names = [];
    private readonly Queue<(long Instant, MachineId Machine, object What)> last = new();

    // Small pieces are gathered: a call of the hash costs more than they do.
    private readonly byte[] gathered = new byte[16 * 1024];
    private int gatheredBytes;

    public IReadOnlyCollection<string> LastEvents => [.. last.Select(Line)];

    /// <summary>An input of a machine, with the bytes of its message if it has one.</summary>
    public void Add(long instant, MachineId machine, Input input, ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(head, instant);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], (int)machine.Role);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], machine.Number);
        Hash(head);
        if (!names.TryGetValue(input.GetType(), out byte[]? name))
        {
            names[input.GetType()] = name = Encoding.UTF8.GetBytes(input.GetType().Name);
        }

        Hash(name);
        Hash(bytes);
        Tell((instant, machine, input));
    }

    /// <summary>Something people are told; it follows from the inputs, so it isn't hashed.</summary>
    public void Add(long instant, RunEvent runEvent) => Tell((instant, MachineId.Coordinator, runEvent));

    public string Sha256()
    {
        Flush();
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    public void Dispose() => hash.Dispose();

    private void Tell((long, MachineId, object) entry)
    {
        last.Enqueue(entry);
        if (last.Count > LastEventsMax)
        {
            last.Dequeue();
        }

        listener?.Invoke(Line(entry));
    }

    private void Hash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > gathered.Length - gatheredBytes)
        {
            Flush();
        }

        if (bytes.Length > gathered.Length)
        {
            hash.AppendData(bytes);
            return;
        }

        bytes.CopyTo(gathered.AsSpan(gatheredBytes));
        gatheredBytes += bytes.Length;
    }

    private void Flush()
    {
        hash.AppendData(gathered.AsSpan(0, gatheredBytes));
        gatheredBytes = 0;
    }

    private static string Line((long Instant, MachineId Machine, object What) entry) => entry.What is Input input
        ? $"{entry.Instant,8} {entry.Machine,-12} {TraceText.Of(input)}"
        : $"{entry.Instant,8} {"** run",-12} {TraceText.Of((RunEvent)entry.What)}";
}
