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
    private readonly Queue<(long Instant, MachineId Machine, Input Input)> last = new();

    public IReadOnlyCollection<string> LastEvents => [.. last.Select(Line)];

    /// <summary>An input of a machine, with the bytes of its message if it has one.</summary>
    public void Add(long instant, MachineId machine, Input input, ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(head, instant);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], (int)machine.Role);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], machine.Number);
        hash.AppendData(head);
        hash.AppendData(Encoding.UTF8.GetBytes(input.GetType().Name));
        hash.AppendData(bytes);
        (long, MachineId, Input) entry = (instant, machine, input);
        last.Enqueue(entry);
        if (last.Count > LastEventsMax)
        {
            last.Dequeue();
        }

        listener?.Invoke(Line(entry));
    }

    public string Sha256() => Convert.ToHexStringLower(hash.GetCurrentHash());

    public void Dispose() => hash.Dispose();

    private static string Line((long Instant, MachineId Machine, Input Input) entry) =>
        $"{entry.Instant,8} {entry.Machine,-12} {TraceText.Of(entry.Input)}";
}
