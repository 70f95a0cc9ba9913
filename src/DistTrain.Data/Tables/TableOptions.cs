namespace DistTrain.Data;

/// <summary>How a table becomes samples. Columns are named by their header or by their number from 1.</summary>
public sealed record TableOptions
{
    /// <summary>Null: the last column.</summary>
    public string? Target { get; init; }

    /// <summary>Null: classes where the target is text, numbers where it is numbers.</summary>
    public ColumnKind? TargetKind { get; init; }

    /// <summary>Target texts that are the class yes, all others being no; null: each text is a class of its own.</summary>
    public IReadOnlyList<string>? Positive { get; init; }

    /// <summary>What each row weighs in the loss while training; null: all weigh the same.</summary>
    public string? Weight { get; init; }

    /// <summary>Null: the first row is a header when none of its cells is a number or missing.</summary>
    public bool? Header { get; init; }

    /// <summary>Null: a tab for names that end in .tsv, else a comma.</summary>
    public char? Separator { get; init; }

    /// <summary>The columns that are features; null: all but the target and those dropped.</summary>
    public IReadOnlyList<string>? Features { get; init; }

    public IReadOnlyList<string> Drop { get; init; } = [];

    /// <summary>Columns that hold numbers: other text in them is refused instead of making them categories.</summary>
    public IReadOnlyList<string> Numbers { get; init; } = [];

    /// <summary>Columns whose cells are names even if they look like numbers.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    public MissingCells Missing { get; init; } = MissingCells.Mean;

    /// <summary>For <see cref="MissingCells.Constant"/>.</summary>
    public float Constant { get; init; }

    public ColumnScale Scale { get; init; } = ColumnScale.Standard;

    /// <summary>Target numbers are standardised for training; predictions are told in the units of the data.</summary>
    public bool ScaleTarget { get; init; }
}
