using System.Globalization;
using System.Text;
using System.Text.Unicode;
using CsvHelper;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>The rows of a table as CSV (RFC 4180, parsed by CsvHelper): UTF-8, quoted cells may hold separators, quotes and line ends.</summary>
internal sealed class TableReader : IDisposable
{
    /// <summary>A longer row is no row of numbers and words: a quote was left open, or it is no table.</summary>
    private const int RowBytesMax = 1 << 22;

    private readonly CsvReader reader;

    /// <param name="name">How errors name it.</param>
    /// <param name="content">Belongs to the reader from then on.</param>
    /// <param name="separator">Between cells.</param>
    public TableReader(string name, Stream content, char separator)
    {
        Name = name;
        reader = CsvReader.Create(
            content,
            new CsvReaderOptions
            {
                HasHeader = false,
                Separator = separator,
                DetectSeparatorHint = false,
                SkipEmptyLines = true,
                TrimWhitespace = separator != '\t' && separator != ' ',
                TrackLineNumbers = true,
                MalformedData = CsvMalformedDataHandling.Throw,
                FieldCountMismatch = CsvFieldCountHandling.Allow,
                MaxRecordSize = RowBytesMax,
                IncludeValuesInExceptions = false,
            },
            leaveOpen: false);
    }

    public string Name { get; }

    public int Count => reader.FieldCount;

    public long Line => reader.LineNumber;

    public ReadOnlySpan<byte> this[int column] => reader.GetSpan(column);

    /// <summary>What isn't there: nothing, NA, N/A, NaN, null or ?, in any case.</summary>
    public static bool IsMissing(ReadOnlySpan<byte> cell) => cell.Length switch
    {
        0 => true,
        1 => cell[0] == '?',
        2 => Ascii.EqualsIgnoreCase(cell, "na"u8),
        3 => Ascii.EqualsIgnoreCase(cell, "nan"u8) || Ascii.EqualsIgnoreCase(cell, "n/a"u8),
        4 => Ascii.EqualsIgnoreCase(cell, "null"u8),
        _ => false,
    };

    public static bool TryNumber(ReadOnlySpan<byte> cell, out float number)
    {
        bool isNumber = double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value);
        number = (float)value;
        return isNumber && float.IsFinite(number);
    }

    /// <exception cref="UserError">A quote is misplaced or left open, or a row is far too long.</exception>
    public bool Read()
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException error)
        {
            // "Malformed CSV in record 1 (line 1): what is wrong": the place is told our way.
            int colon = error.Message.IndexOf("): ", StringComparison.Ordinal);
            string what = colon < 0 ? error.Message : error.Message[(colon + 3)..];
            int offset = what.IndexOf(" (byte offset", StringComparison.Ordinal);
            throw new UserError($"{Name}:{Math.Max(error.LineNumber, 1)}: found {(offset < 0 ? what : what[..offset]).TrimEnd('.')}; allowed: rows of CSV", error);
        }
    }

    /// <exception cref="UserError">The cell is not UTF-8.</exception>
    public string Text(int column) => Utf8.IsValid(this[column])
        ? Encoding.UTF8.GetString(this[column])
        : throw new UserError($"{Name}:{Line}: column {column + 1}: found bytes that are no text; allowed: UTF-8");

    /// <summary>A cell as an error line can show it.</summary>
    public string Show(int column)
    {
        const int ShownMax = 40;
        string text = Encoding.UTF8.GetString(this[column]).ReplaceLineEndings(" ");
        return text.Length > ShownMax ? $"\"{text[..ShownMax]}...\"" : $"\"{text}\"";
    }

    public void Dispose() => reader.Dispose();
}
