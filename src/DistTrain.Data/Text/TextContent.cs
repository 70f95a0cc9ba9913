using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A text file in memory: UTF-8, plain or gzip, without byte order mark, with \n alone at the end of lines.</summary>
internal static class TextContent
{
    /// <summary>Beyond this a text is no longer held in memory as a whole: two bytes a character, besides what it is decoded from.</summary>
    public const int BytesMax = 1 << 29;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="UserError">The file is missing, unreadable, empty, too large, or not UTF-8 (with line and column).</exception>
    public static string Read(string path)
    {
        byte[] bytes = GuardedFile.Use(path, () =>
        {
            using Stream content = PackedFile.OpenContent(path, out long lengthMax);
            return GuardedFile.ReadUpTo(content, lengthMax, BytesMax)
                ?? throw new UserError($"{path}: too large: a text may have {BytesMax} bytes");
        });
        return Decode(path, bytes);
    }

    /// <summary>Line and column, both from 1, of a place in a text.</summary>
    public static (int Line, int Column) Place(ReadOnlySpan<char> text, int index)
    {
        ReadOnlySpan<char> before = text[..index];
        return (before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }

    /// <summary>A character as an error line can show it.</summary>
    public static string Show(ReadOnlySpan<char> text, int index)
    {
        Rune.DecodeFromUtf16(text[index..], out Rune rune, out _);
        return Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) ? $"U+{rune.Value:X4}" : $"\"{rune}\" (U+{rune.Value:X4})";
    }

    private static string Decode(string path, byte[] bytes)
    {
        ReadOnlySpan<byte> content = bytes;
        content = content.StartsWith("\uFEFF"u8) ? content[3..] : content;
        if (content.IsEmpty)
        {
            throw new UserError($"{path}: empty file, expected text");
        }

        try
        {
            string text = Strict.GetString(content);
            return text.Contains('\r', StringComparison.Ordinal) ? text.Replace("\r\n", "\n", StringComparison.Ordinal) : text;
        }
        catch (DecoderFallbackException)
        {
            int index = 0, line = 1, column = 1;
            while (Rune.DecodeFromUtf8(content[index..], out Rune rune, out int used) == System.Buffers.OperationStatus.Done)
            {
                (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + 1);
                index += used;
            }

            throw new UserError($"{path}:{line}:{column}: found the byte 0x{content[index]:X2}; allowed: text in UTF-8");
        }
    }
}
