using System.Numerics;
using System.Runtime.InteropServices;

namespace DistTrain.Protocol;

/// <summary>
/// Gradients without what is +0: most rows of an embedding's are, since a batch names few of them. A gradient is cut in lines of 16
/// floats; packed, it is a map with a bit for each line, then the lines that have a bit set anywhere, one behind the other. What is
/// restored has the same bits: -0 is not left out.
/// </summary>
/// <remarks>
/// For hosts, on both sides of a wire; machines see whole gradients alone. Packed lengths are rounded up, with zeros, to a sixteenth of the
/// gradient's, so that pools see few lengths. Looking costs a sample of the lines where nothing can be left out.
/// </remarks>
public static class GradientRows
{
    private const int LineFloats = 16;

    private const int LinesPerWord = 32;

    /// <summary>Shorter gradients travel whole: there is little to gain.</summary>
    private const int LengthMin = 1024;

    /// <summary>Lines looked at before all are: at least half of them must be +0.</summary>
    private const int SampledLines = 64;

    private const int LengthsPerGradient = 16;

    /// <summary>The message as it travels: a push that is smaller without its lines of +0, others as they are.</summary>
    /// <param name="message">With the caller's reference to its payload, which goes over to the result's.</param>
    /// <param name="pool">Where the packed floats are rented.</param>
    public static Message Pack(Message message, BlockPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        if (message is not PushGradient { Gradient: { Length: >= LengthMin } gradient } push || !LooksSparse(gradient.Span))
        {
            return message;
        }

        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(gradient.Span);
        int present = 0, lines = Lines(bits.Length);
        for (int line = 0; line < lines; line++)
        {
            present += IsPresent(bits, line) ? 1 : 0;
        }

        // The last line may be shorter; it is counted as whole.
        int length = Rounded(Words(lines) + (present * LineFloats), bits.Length);
        if (length > bits.Length / 2)
        {
            return message;
        }

        BlockBuffer packed = pool.Rent(length);
        Fill(bits, lines, MemoryMarshal.Cast<float, int>(packed.Span));
        var rows = new PushRows(push.Epoch, push.Step, push.Block, push.Range, push.Statistics, bits.Length, packed, push.IsAudited);
        gradient.Release();
        return rows;
    }

    /// <summary>The message as machines know it.</summary>
    /// <param name="message">As <see cref="Pack"/> made it, whoever sent it; its payload's reference goes over to the result's.</param>
    /// <param name="pool">Where the gradient is rented.</param>
    /// <exception cref="InvalidDataException">The map doesn't fit the floats; the payload's reference is released.</exception>
    public static Message Unpack(Message message, BlockPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        if (message is not PushRows rows)
        {
            return message;
        }

        try
        {
            ReadOnlySpan<int> packed = MemoryMarshal.Cast<float, int>(rows.Packed.Span);
            int lines = Lines(rows.Length);
            Check(packed, lines, rows.Length);
            BlockBuffer gradient = pool.Rent(rows.Length);
            Restore(packed, lines, MemoryMarshal.Cast<float, int>(gradient.Span));
            return new PushGradient(rows.Epoch, rows.Step, rows.Block, rows.Range, rows.Statistics, gradient, rows.IsAudited);
        }
        finally
        {
            rows.Packed.Release();
        }
    }

    private static int Lines(int length) => (length + LineFloats - 1) / LineFloats;

    private static int Words(int lines) => (lines + LinesPerWord - 1) / LinesPerWord;

    private static int Rounded(int length, int whole)
    {
        int step = Math.Max(1, whole / LengthsPerGradient);
        return (length + step - 1) / step * step;
    }

    private static ReadOnlySpan<int> Line(ReadOnlySpan<int> bits, int line) =>
        bits.Slice(line * LineFloats, Math.Min(LineFloats, bits.Length - (line * LineFloats)));

    private static bool IsPresent(ReadOnlySpan<int> bits, int line) => Line(bits, line).ContainsAnyExcept(0);

    private static bool LooksSparse(ReadOnlySpan<float> gradient)
    {
        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(gradient);
        int lines = bits.Length / LineFloats, absent = 0;
        for (int i = 0; i < SampledLines; i++)
        {
            absent += IsPresent(bits, (int)((long)i * lines / SampledLines)) ? 0 : 1;
        }

        return absent >= SampledLines / 2;
    }

    private static void Fill(ReadOnlySpan<int> bits, int lines, Span<int> packed)
    {
        packed.Clear();
        int at = Words(lines);
        for (int line = 0; line < lines; line++)
        {
            ReadOnlySpan<int> floats = Line(bits, line);
            if (floats.ContainsAnyExcept(0))
            {
                packed[line / LinesPerWord] |= 1 << (line % LinesPerWord);
                floats.CopyTo(packed[at..]);
                at += floats.Length;
            }
        }
    }

    /// <summary>The map must fit, name no line beyond the gradient, and have its lines behind it.</summary>
    private static void Check(ReadOnlySpan<int> packed, int lines, int length)
    {
        int words = Words(lines), present = 0;
        for (int word = 0; word < Math.Min(words, packed.Length); word++)
        {
            present += BitOperations.PopCount((uint)packed[word]);
        }

        bool beyond = words <= packed.Length && lines % LinesPerWord > 0 && packed[words - 1] >>> (lines % LinesPerWord) != 0;
        if (words > packed.Length || beyond || (present * LineFloats) + words > packed.Length || packed.Length >= length)
        {
            throw new InvalidDataException($"Bad message: {packed.Length} floats with {present} lines for a gradient of {length}.");
        }
    }

    private static void Restore(ReadOnlySpan<int> packed, int lines, Span<int> bits)
    {
        int at = Words(lines);
        for (int line = 0; line < lines; line++)
        {
            Span<int> floats = bits.Slice(line * LineFloats, Math.Min(LineFloats, bits.Length - (line * LineFloats)));
            if ((packed[line / LinesPerWord] >>> (line % LinesPerWord) & 1) == 0)
            {
                floats.Clear();
            }
            else
            {
                packed.Slice(at, floats.Length).CopyTo(floats);
                at += floats.Length;
            }
        }
    }
}
