namespace DistTrain.Data;

/// <summary>How <see cref="Splits.Cut"/> cuts a set. Part of what decides the bits.</summary>
public sealed record SplitOptions
{
    /// <summary>Share of the training part held back for validation: 0 (none) or between 0 and 1.</summary>
    public double ValidationFraction { get; init; }

    /// <summary>Share held back as test part: 0 (none, or the set brings its own) or between 0 and 1.</summary>
    public double TestFraction { get; init; }

    /// <summary>Folds of a cross-validation, 2 or more: the test part is one of them, what is left trains. 0: none.</summary>
    public int Folds { get; init; }

    /// <summary>Which fold is the test part, from 1.</summary>
    public int Fold { get; init; }

    /// <summary>Use the first so many training samples; null uses all.</summary>
    public int? Limit { get; init; }

    public ulong Seed { get; init; }
}
