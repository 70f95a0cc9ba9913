using System.Buffers.Binary;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>Spans as bytes between processes: 41 each, little-endian.</summary>
internal static class SpanCodec
{
    public const int SpanBytes = 1 + 4 + 8 + 8 + 8 + 4 + 4 + 4;

    /// <summary>Spans of one message.</summary>
    public const int SpansMax = HostCodec.BulkBytesMax / SpanBytes;

    public static byte[] Encode(ReadOnlySpan<Span> spans)
    {
        byte[] bytes = new byte[spans.Length * SpanBytes];
        Span<byte> at = bytes;
        foreach (Span span in spans)
        {
            // Kind and role share a byte: there are three roles.
            at[0] = (byte)(((int)span.Kind << 2) | (int)span.Machine.Role);
            BinaryPrimitives.WriteInt32LittleEndian(at[1..], span.Machine.Number);
            BinaryPrimitives.WriteInt64LittleEndian(at[5..], span.Begin);
            BinaryPrimitives.WriteInt64LittleEndian(at[13..], span.End);
            BinaryPrimitives.WriteInt64LittleEndian(at[21..], span.At);
            BinaryPrimitives.WriteInt32LittleEndian(at[29..], span.Item);
            BinaryPrimitives.WriteInt32LittleEndian(at[33..], span.First);
            BinaryPrimitives.WriteInt32LittleEndian(at[37..], span.Count);
            at = at[SpanBytes..];
        }

        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are no spans.</exception>
    public static List<Span> Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % SpanBytes != 0)
        {
            throw new InvalidDataException($"{bytes.Length} bytes are no spans of {SpanBytes}");
        }

        var spans = new List<Span>(bytes.Length / SpanBytes);
        for (ReadOnlySpan<byte> at = bytes; !at.IsEmpty; at = at[SpanBytes..])
        {
            var kind = (SpanKind)(at[0] >> 2);
            var role = (MachineRole)(at[0] & 3);
            if (!Enum.IsDefined(kind) || !Enum.IsDefined(role))
            {
                throw new InvalidDataException($"there is no span {kind} of a {role}");
            }

            spans.Add(new Span(
                kind,
                new MachineId(role, BinaryPrimitives.ReadInt32LittleEndian(at[1..])),
                BinaryPrimitives.ReadInt64LittleEndian(at[5..]),
                BinaryPrimitives.ReadInt64LittleEndian(at[13..]))
            {
                At = BinaryPrimitives.ReadInt64LittleEndian(at[21..]),
                Item = BinaryPrimitives.ReadInt32LittleEndian(at[29..]),
                First = BinaryPrimitives.ReadInt32LittleEndian(at[33..]),
                Count = BinaryPrimitives.ReadInt32LittleEndian(at[37..]),
            });
        }

        return spans;
    }
}
