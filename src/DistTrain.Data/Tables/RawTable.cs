namespace DistTrain.Data;

/// <summary>
/// The feature and target cells of a table, read once: a float each, in memory or in a file. A number is itself, a text the index of
/// its first appearance, NaN what is missing.
/// </summary>
/// <param name="Name">For messages.</param>
/// <param name="Layout">The file's columns.</param>
/// <param name="Kinds">Of the features in their order, then of the target if there is one, then of the weight.</param>
/// <param name="Texts">Likewise: the texts of categories in the order of their names, null for numbers.</param>
/// <param name="Order">Likewise: place of the text that appeared i-th in <paramref name="Texts"/>.</param>
/// <param name="Rows">Records of as many floats as there are kinds.</param>
internal sealed record RawTable(
    string Name, TableLayout Layout, ColumnKind[] Kinds, IReadOnlyList<string>?[] Texts, int[]?[] Order, RecordStore Rows)
{
    /// <summary>Floats of a row.</summary>
    public int Width => Kinds.Length;

    /// <summary>Where the rows stand in the file; null: not known.</summary>
    public RowLines? Lines { get; init; }

    /// <summary>Place of the target among the columns.</summary>
    public int Target => Layout.Features.Length;

    /// <summary>Copies rows and puts categories into the order of their names.</summary>
    public void Read(ReadOnlySpan<int> rows, Span<float> cells)
    {
        Rows.Gather(rows, System.Runtime.InteropServices.MemoryMarshal.AsBytes(cells));
        for (int column = 0; column < Width; column++)
        {
            if (Order[column] is not { } order)
            {
                continue;
            }

            for (int at = column; at < cells.Length; at += Width)
            {
                cells[at] = float.IsNaN(cells[at]) ? cells[at] : order[(int)cells[at]];
            }
        }
    }
}
