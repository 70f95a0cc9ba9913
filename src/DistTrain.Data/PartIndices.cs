using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Which samples of a source are in which part, each part in the order of the source.</summary>
/// <param name="Train">At least one.</param>
/// <param name="Validation">Null when none was asked for.</param>
/// <param name="Test">Likewise.</param>
internal sealed record PartIndices(int[] Train, int[]? Validation, int[]? Test)
{
    private static readonly uint TestStream = Philox.Stream("split/test");
    private static readonly uint ValidationStream = Philox.Stream("split/validation");
    private static readonly uint FoldsStream = Philox.Stream("split/folds");

    /// <summary>
    /// In this order: a test part, the limit (the first N of what is left), the validation part. A cut part is
    /// round(fraction × samples) samples, those at the first positions of pass 0 of a seeded permutation. A fold as test part is
    /// dealt: the samples by their classes, within a class as the permutation has them, go to the folds in turn, so that every fold
    /// has its share of every class (scikit-learn's StratifiedKFold).
    /// </summary>
    /// <param name="name">How errors name the source.</param>
    /// <param name="count">Samples of the source.</param>
    /// <param name="options">Fractions, folds, limit and seed.</param>
    /// <param name="classes">Reads the class of each sample; asked for folds alone. Null: the samples have none.</param>
    /// <exception cref="UserError">A fraction, a fold or the limit is out of range, or a part would be empty.</exception>
    public static PartIndices Cut(string name, int count, SplitOptions options, Func<int[]>? classes = null)
    {
        int[] train = new int[count];
        for (int i = 0; i < count; i++)
        {
            train[i] = i;
        }

        int[]? test = options.Folds != 0 ? TakeFold(ref train, name, options, classes)
            : options.TestFraction == 0 ? null : Take(ref train, name, options.TestFraction, "test", TestStream, options.Seed);
        if (options.Limit is int limit)
        {
            train = limit >= 1 ? train[..Math.Min(limit, train.Length)] : throw new UserError($"{name}: limit is {limit}; allowed 1 or more.");
        }

        int[]? validation = options.ValidationFraction == 0
            ? null
            : Take(ref train, name, options.ValidationFraction, "validation", ValidationStream, options.Seed);
        return new PartIndices(train, validation, test);
    }

    private static int[] TakeFold(ref int[] source, string name, SplitOptions options, Func<int[]>? classes)
    {
        int folds = options.Folds;
        if (folds < 2 || folds > source.Length || options.Fold < 1 || options.Fold > folds || options.TestFraction != 0)
        {
            throw new UserError(options.TestFraction != 0
                ? $"{name}: a test fraction beside folds; allowed: one of the two, since a fold is the test part."
                : folds < 2 || folds > source.Length ? $"{name}: found {folds} folds of {source.Length} samples; allowed: 2 to {source.Length}."
                : $"{name}: found fold {options.Fold}; allowed: 1 to {folds}.");
        }

        int[] order = new int[source.Length];
        new EpochPermutation(options.Seed, order.Length, FoldsStream).Fill(0, 0, order);
        if (classes?.Invoke() is { } classOf)
        {
            order = [.. order.OrderBy(index => classOf[index])]; // stable
        }

        int[] fold = [.. order.Where((_, place) => place % folds == options.Fold - 1)];
        source = [.. order.Where((_, place) => place % folds != options.Fold - 1)];
        Array.Sort(fold);
        Array.Sort(source);
        return fold;
    }

    private static int[] Take(ref int[] source, string name, double fraction, string what, uint stream, ulong seed)
    {
        if (!(fraction > 0 && fraction < 1))
        {
            throw new UserError(FormattableString.Invariant($"{name}: {what} fraction is {fraction}; allowed 0 up to, without, 1."));
        }

        int size = (int)Math.Round(fraction * source.Length, MidpointRounding.AwayFromZero);
        if (size == 0 || size == source.Length)
        {
            throw new UserError(FormattableString.Invariant(
                $"{name}: {what} fraction {fraction} of {source.Length} samples gives {size}; each part needs at least 1."));
        }

        int[] part = new int[size];
        new EpochPermutation(seed, source.Length, stream).Fill(0, 0, part);
        Array.Sort(part);
        int[] rest = new int[source.Length - size];
        for (int i = 0, p = 0, r = 0; i < source.Length; i++)
        {
            if (p < part.Length && part[p] == i)
            {
                part[p++] = source[i];
            }
            else
            {
                rest[r++] = source[i];
            }
        }

        source = rest;
        return part;
    }
}
