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
    private readonly Queue<(long Instant, MachineId Machine, string What, object? Detail)> last = new();

    public IReadOnlyCollection<string> LastEvents => [.. last.Select(Line)];

    /// <summary>An event at a machine, with the bytes of its message if it has one.</summary>
    public void Add(long instant, MachineId machine, string what, object? detail, ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(head, instant);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], (int)machine.Role);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], machine.Number);
        hash.AppendData(head);
        hash.AppendData(Encoding.UTF8.GetBytes(what));
        hash.AppendData(bytes);
        (long, MachineId, string, object?) entry = (instant, machine, what, detail);
        last.Enqueue(entry);
        if (last.Count > LastEventsMax)
        {
            last.Dequeue();
        }

        listener?.Invoke(Line(entry));
    }

    public string Sha256() => Convert.ToHexStringLower(hash.GetCurrentHash());

    public void Dispose() => hash.Dispose();

    private static string Line((long Instant, MachineId Machine, string What, object? Detail) entry) =>
        $"{entry.Instant,8} {entry.Machine,-12} {entry.What} {entry.Detail}";
}
