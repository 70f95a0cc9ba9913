namespace DistTrain.Data;

/// <summary>How a table of equal steps in time becomes samples. Columns are named by their header or by their number from 1.</summary>
public sealed record SeriesOptions
{
    /// <summary>What is forecast; null: the last column.</summary>
    public string? Target { get; init; }

    /// <summary>What is seen; null: the target alone.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Steps that are seen.</summary>
    public int Window { get; init; } = 30;

    /// <summary>Steps that are forecast.</summary>
    public int Horizon { get; init; } = 1;

    /// <summary>Null: the first row is a header when none of its cells is a number or missing.</summary>
    public bool? Header { get; init; }

    /// <summary>Null: a tab for names that end in .tsv, else a comma.</summary>
    public char? Separator { get; init; }

    public ColumnScale Scale { get; init; } = ColumnScale.Standard;
}
