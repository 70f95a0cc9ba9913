using System.Buffers.Binary;
using System.Text;

namespace DistTrain.Protocol;

/// <summary>
/// Reads what <see cref="MessagePackWriter"/> writes from bytes nobody vouches for: every length is checked against its limit and
/// against what is left before anything is allocated.
/// </summary>
internal ref struct MessagePackReader(ReadOnlySpan<byte> bytes)
{
    private const int RunHeadBytes = 5;

    private ReadOnlySpan<byte> left = bytes;

    public readonly int BytesLeft => left.Length;

    public int Array(int countMax)
    {
        byte head = Take(1)[0];
        long count = head switch
        {
            >= 0x90 and <= 0x9f => head & 0x0f,
            0xdc => BinaryPrimitives.ReadUInt16BigEndian(Take(2)),
            0xdd => BinaryPrimitives.ReadUInt32BigEndian(Take(4)),
            _ => throw Bad($"0x{head:x2} is not the head of an array"),
        };

        // Every element takes a byte at least, so a count above the bytes left is a lie.
        if (count > countMax || count > left.Length)
        {
            throw Bad($"an array of {count} entries; allowed are {countMax}, and {left.Length} bytes are left");
        }

        return (int)count;
    }

    public void ArrayOf(int count)
    {
        int found = Array(count);
        if (found != count)
        {
            throw Bad($"an array of {found} entries instead of {count}");
        }
    }

    public long Integer(long min, long max)
    {
        byte head = Take(1)[0];
        long value = head switch
        {
            <= 0x7f => head,
            >= 0xe0 => (sbyte)head,
            0xd2 => BinaryPrimitives.ReadInt32BigEndian(Take(4)),
            0xd3 => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
            _ => throw Bad($"0x{head:x2} is not the head of an integer"),
        };
        return value >= min && value <= max ? value : throw Bad($"the integer {value}; allowed are {min} to {max}");
    }

    public bool Boolean() => Take(1)[0] switch
    {
        0xc3 => true,
        0xc2 => false,
        byte head => throw Bad($"0x{head:x2} is not a truth value"),
    };

    public float Single()
    {
        byte head = Take(1)[0];
        return head == 0xca ? BinaryPrimitives.ReadSingleBigEndian(Take(4)) : throw Bad($"0x{head:x2} is not the head of a float32");
    }

    public double Double()
    {
        byte head = Take(1)[0];
        return head == 0xcb ? BinaryPrimitives.ReadDoubleBigEndian(Take(8)) : throw Bad($"0x{head:x2} is not the head of a float64");
    }

    /// <summary>Consumes a nil if there is one.</summary>
    public bool IsNil()
    {
        bool nil = left.Length > 0 && left[0] == 0xc0;
        if (nil)
        {
            left = left[1..];
        }

        return nil;
    }

    public string Text()
    {
        byte head = Take(1)[0];
        int bytes = head == 0xda ? BinaryPrimitives.ReadUInt16BigEndian(Take(2)) : throw Bad($"0x{head:x2} is not the head of a text");
        if (bytes > ProtocolLimits.TextBytesMax)
        {
            throw Bad($"a text of {bytes} bytes; allowed are {ProtocolLimits.TextBytesMax}");
        }

        return Encoding.UTF8.GetString(Take(bytes));
    }

    /// <summary>A binary run of whole floats, which is the rest of the message.</summary>
    public ReadOnlySpan<byte> FloatRun(int floatsMax) => Take(RunHead(floatsMax, left.Length - RunHeadBytes));

    /// <summary>The head of such a run whose bytes were received apart.</summary>
    public void FloatRunOutside(int floatsMax, int receivedBytes)
    {
        RunHead(floatsMax, receivedBytes);
        End();
    }

    public readonly void End()
    {
        if (left.Length > 0)
        {
            throw Bad($"{left.Length} bytes behind the message");
        }
    }

    public static InvalidDataException Bad(string what) => new($"Bad message: {what}.");

    private int RunHead(int floatsMax, int following)
    {
        byte head = Take(1)[0];
        uint bytes = head == 0xc6 ? BinaryPrimitives.ReadUInt32BigEndian(Take(4)) : throw Bad($"0x{head:x2} is not the head of a binary run");
        return bytes % sizeof(float) == 0 && bytes / sizeof(float) <= (uint)floatsMax && bytes == following
            ? (int)bytes
            : throw Bad($"a run of {bytes} bytes with {following} behind it; allowed are {floatsMax} whole floats and nothing else");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (left.Length < count)
        {
            throw Bad($"{count} bytes needed, {left.Length} left");
        }

        ReadOnlySpan<byte> taken = left[..count];
        left = left[count..];
        return taken;
    }
}
