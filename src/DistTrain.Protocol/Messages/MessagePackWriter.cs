using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace DistTrain.Protocol;

/// <summary>Writes the few MessagePack forms that messages need (msgpack spec, github.com/msgpack/msgpack), each in its shortest form.</summary>
internal readonly ref struct MessagePackWriter(IBufferWriter<byte> output)
{
    public void Array(int count)
    {
        if (count <= 15)
        {
            Byte((byte)(0x90 | count));
        }
        else if (count <= ushort.MaxValue)
        {
            Span<byte> span = Take(3, 0xdc);
            BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)count);
        }
        else
        {
            Span<byte> span = Take(5, 0xdd);
            BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)count);
        }
    }

    public void Integer(long value)
    {
        if (value is >= -32 and <= 127)
        {
            Byte((byte)value);
        }
        else if (value is >= int.MinValue and <= int.MaxValue)
        {
            Span<byte> span = Take(5, 0xd2);
            BinaryPrimitives.WriteInt32BigEndian(span[1..], (int)value);
        }
        else
        {
            Span<byte> span = Take(9, 0xd3);
            BinaryPrimitives.WriteInt64BigEndian(span[1..], value);
        }
    }

    public void Boolean(bool value) => Byte(value ? (byte)0xc3 : (byte)0xc2);

    public void Nil() => Byte(0xc0);

    public void Single(float value)
    {
        Span<byte> span = Take(5, 0xca);
        BinaryPrimitives.WriteSingleBigEndian(span[1..], value);
    }

    public void Double(double value)
    {
        Span<byte> span = Take(9, 0xcb);
        BinaryPrimitives.WriteDoubleBigEndian(span[1..], value);
    }

    /// <summary>A text, or nil.</summary>
    public void Text(string? value)
    {
        if (value is null)
        {
            Nil();
            return;
        }

        int bytes = Encoding.UTF8.GetByteCount(value);
        if (bytes > ProtocolLimits.TextBytesMax)
        {
            throw new InvalidOperationException($"A text of {bytes} bytes is longer than {ProtocolLimits.TextBytesMax}.");
        }

        Span<byte> head = Take(3, 0xda);
        BinaryPrimitives.WriteUInt16BigEndian(head[1..], (ushort)bytes);
        Encoding.UTF8.GetBytes(value, output.GetSpan(bytes));
        output.Advance(bytes);
    }

    /// <summary>The head of a binary run; its bytes follow outside.</summary>
    public void BinaryHead(int bytes)
    {
        Span<byte> span = Take(5, 0xc6);
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)bytes);
    }

    private void Byte(byte value) => Take(1, value);

    private Span<byte> Take(int length, byte first)
    {
        Span<byte> span = output.GetSpan(length)[..length];
        span[0] = first;
        output.Advance(length);
        return span;
    }
}
