using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>The parts of a set: what trains, what steers (early stopping, schedules), what judges at the end.</summary>
/// <param name="Train">Never null.</param>
/// <param name="Validation">Null when none was asked for.</param>
/// <param name="Test">Null when the set has none and none was asked for.</param>
public sealed record Splits(IDataSource Train, IDataSource? Validation = null, IDataSource? Test = null)
{
    private static readonly uint TestStream = Philox.Stream("split/test");
    private static readonly uint ValidationStream = Philox.Stream("split/validation");

    /// <summary>
    /// Cuts parts off the training part, in this order: a test part when <see cref="SplitOptions.TestFraction"/> asks for one,
    /// the limit (the first N of what is left), the validation part. Each cut part is round(fraction × samples) samples drawn by
    /// a seeded permutation, and is the same for the same seed and count; all parts keep the order of the source.
    /// </summary>
    /// <exception cref="UserError">A fraction or the limit is out of range, a part would be empty, or a given part would be replaced.</exception>
    public Splits Cut(SplitOptions options)
    {
        Splits result = this;
        if (options.TestFraction != 0)
        {
            if (Test is not null)
            {
                throw new UserError($"{Train.Name}: the set has a test part of {Test.Count} samples already; leave the test fraction out.");
            }

            (IDataSource rest, IDataSource part) = Take(result.Train, options.TestFraction, "test", TestStream, options.Seed);
            result = result with { Train = rest, Test = part };
        }

        if (options.Limit is int limit)
        {
            if (limit < 1)
            {
                throw new UserError($"{Train.Name}: limit is {limit}; allowed 1 or more.");
            }

            result = result with { Train = First(result.Train, limit) };
        }

        if (options.ValidationFraction != 0)
        {
            if (Validation is not null)
            {
                throw new UserError(
                    $"{Train.Name}: a validation part of {Validation.Count} samples is given already; leave the validation fraction out.");
            }

            (IDataSource rest, IDataSource part) =
                Take(result.Train, options.ValidationFraction, "validation", ValidationStream, options.Seed);
            result = result with { Train = rest, Validation = part };
        }

        return result;
    }

    /// <summary>The first <paramref name="limit"/> samples, or the source itself when it has no more.</summary>
    public static IDataSource First(IDataSource source, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return limit >= source.Count ? source : new SubsetSource(source, [.. Enumerable.Range(0, limit)]);
    }

    private static (IDataSource Remaining, IDataSource Part) Take(IDataSource source, double fraction, string what, uint stream, ulong seed)
    {
        if (!(fraction > 0 && fraction < 1))
        {
            throw new UserError(FormattableString.Invariant($"{source.Name}: {what} fraction is {fraction}; allowed 0 up to, without, 1."));
        }

        int size = (int)Math.Round(fraction * source.Count, MidpointRounding.AwayFromZero);
        if (size == 0 || size == source.Count)
        {
            throw new UserError(FormattableString.Invariant(
                $"{source.Name}: {what} fraction {fraction} of {source.Count} samples gives {size}; each part needs at least 1."));
        }

        int[] part = new int[size];
        new EpochPermutation(seed, source.Count, stream).Fill(0, 0, part);
        Array.Sort(part);
        int[] rest = new int[source.Count - size];
        for (int i = 0, p = 0, r = 0; i < source.Count; i++)
        {
            if (p < part.Length && part[p] == i)
            {
                p++;
            }
            else
            {
                rest[r++] = i;
            }
        }

        return (new SubsetSource(source, rest), new SubsetSource(source, part));
    }
}
