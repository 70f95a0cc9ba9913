using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>The parts of a set: what trains, what steers (early stopping, schedules), what judges at the end.</summary>
/// <param name="Train">Never null.</param>
/// <param name="Validation">Null when none was asked for.</param>
/// <param name="Test">Null when the set has none and none was asked for.</param>
public sealed record Splits(IDataSource Train, IDataSource? Validation = null, IDataSource? Test = null)
{
    /// <summary>What the samples were made from and what was fitted for it, to be saved with the model; null: features are as they came.</summary>
    public InputFormat? Input { get; init; }

    /// <summary>
    /// Cuts parts off the training part, in this order: a test part when <see cref="SplitOptions.TestFraction"/> or a fold asks for one,
    /// the limit (the first N of what is left), the validation part. Each cut part is round(fraction × samples) samples drawn by
    /// a seeded permutation, and is the same for the same seed and count; all parts keep the order of the source.
    /// </summary>
    /// <exception cref="UserError">A fraction or the limit is out of range, a part would be empty, or a given part would be replaced.</exception>
    public Splits Cut(SplitOptions options)
    {
        if ((options.TestFraction != 0 || options.Folds != 0) && Test is not null)
        {
            throw new UserError($"{Train.Name}: the set has a test part of {Test.Count} samples already; leave the {(options.Folds != 0 ? "folds" : "test fraction")} out.");
        }

        if (options.ValidationFraction != 0 && Validation is not null)
        {
            throw new UserError(
                $"{Train.Name}: a validation part of {Validation.Count} samples is given already; leave the validation fraction out.");
        }

        if (options is { TestFraction: 0, ValidationFraction: 0, Folds: 0, Limit: null })
        {
            return this;
        }

        PartIndices parts = PartIndices.Cut(Train.Name, Train.Count, options, Train.Target is { Kind: TargetKind.Class, Shape.Rank: 0 } ? Train.ReadClasses : null);
        return this with
        {
            Train = Part(parts.Train)!,
            Validation = Part(parts.Validation) ?? Validation,
            Test = Part(parts.Test) ?? Test,
        };
    }

    /// <summary>The first <paramref name="limit"/> samples, or the source itself when it has no more.</summary>
    public static IDataSource First(IDataSource source, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return limit >= source.Count ? source : new SubsetSource(source, [.. Enumerable.Range(0, limit)]);
    }

    private IDataSource? Part(int[]? chosen) =>
        chosen is null ? null : chosen.Length == Train.Count ? Train : new SubsetSource(Train, chosen);
}
