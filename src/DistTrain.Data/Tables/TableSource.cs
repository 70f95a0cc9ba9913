using System.Buffers;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Rows of a table as samples: numbers scaled, categories one place each, missing cells filled.</summary>
internal sealed class TableSource : IDataSource
{
    private readonly RawTable table;
    private readonly int[]? rows;
    private readonly TableColumn[] columns;
    private readonly TargetScaling? targetScaling;

    /// <param name="table">All rows.</param>
    /// <param name="rows">Which of them; null: all.</param>
    /// <param name="columns">As fitted, one a feature of the table.</param>
    /// <param name="target">Of the samples; none where the table has no target, weighted where the table's weights count.</param>
    /// <param name="targetScaling">Done to target numbers.</param>
    public TableSource(RawTable table, int[]? rows, TableColumn[] columns, TargetDescription target, TargetScaling? targetScaling)
    {
        this.table = table;
        this.rows = rows;
        this.columns = columns;
        this.targetScaling = targetScaling;
        SampleShape = new Shape(columns.Sum(column => column.Width));
        Target = target;
    }

    public string Name => table.Name;

    public int Count => rows?.Length ?? table.Rows.Count;

    public Shape SampleShape { get; }

    public TargetDescription Target { get; }

    public bool WaitsForFiles => table.Rows.IsFile;

    public string Place(int index, int feature)
    {
        int column = 0;
        for (int from = 0; from + columns[column].Width <= feature; column++)
        {
            from += columns[column].Width;
        }

        int where = table.Layout.Features[column];
        string line = table.Lines is { } lines ? FormattableString.Invariant($":{lines[rows?[index] ?? index]}") : "";
        return FormattableString.Invariant($"{Name}{line}: column {where + 1} \"{table.Layout.Names[where]}\"");
    }

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        int[] chosen = ArrayPool<int>.Shared.Rent(indices.Length);
        float[] cells = ArrayPool<float>.Shared.Rent(indices.Length * table.Width);
        for (int row = 0; row < indices.Length; row++)
        {
            ReadCheck.Index(this, indices[row]);
            chosen[row] = rows?[indices[row]] ?? indices[row];
        }

        table.Read(chosen.AsSpan(0, indices.Length), cells.AsSpan(0, indices.Length * table.Width));
        int at = 0;
        for (int row = 0; row < indices.Length; row++)
        {
            for (int i = 0; i < columns.Length; i++)
            {
                columns[i].Encode(cells[(row * table.Width) + i], features.Slice(at, columns[i].Width));
                at += columns[i].Width;
            }
        }

        for (int row = 0; row < indices.Length && !targets.IsEmpty; row++)
        {
            int target = (row * table.Width) + columns.Length;
            targets[row * Target.Length] = targetScaling?.Apply(cells[target]) ?? cells[target];
            if (Target.IsWeighted)
            {
                targets[(row * Target.Length) + 1] = cells[target + 1];
            }
        }

        ArrayPool<float>.Shared.Return(cells);
        ArrayPool<int>.Shared.Return(chosen);
    }
}
