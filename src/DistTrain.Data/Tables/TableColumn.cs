using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A feature column with what was fitted on the training part.</summary>
public sealed record TableColumn
{
    public required string Name { get; init; }

    public required ColumnKind Kind { get; init; }

    /// <summary>What stands for a missing number, before scaling; the index of the category; -1 for none of them, and null where missing cells are refused.</summary>
    public float? Fill { get; init; }

    /// <summary>Numbers: y = (x - Offset) / Divisor.</summary>
    public float Offset { get; init; }

    public float Divisor { get; init; } = 1;

    /// <summary>Categories: all texts, one place each.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Places of the sample that come from this column.</summary>
    internal int Width => Kind == ColumnKind.Number ? 1 : Categories!.Count;

    /// <summary>Writes the places of one cell.</summary>
    /// <param name="cell">A number, the index of a category, or NaN where it is missing.</param>
    /// <param name="places">As many as <see cref="Width"/>.</param>
    internal void Encode(float cell, Span<float> places)
    {
        float value = float.IsNaN(cell) ? Fill ?? 0 : cell;
        if (Kind == ColumnKind.Number)
        {
            places[0] = (value - Offset) / Divisor;
            return;
        }

        places.Clear();
        if (value >= 0)
        {
            places[(int)value] = 1;
        }
    }

    internal void Check(string what)
    {
        bool ok = Kind == ColumnKind.Number
            ? Categories is null && float.IsFinite(Offset) && float.IsFinite(Divisor) && Divisor > 0 && float.IsFinite(Fill ?? 0)
            : Categories is { Count: > 0 } texts && texts.Distinct(StringComparer.Ordinal).Count() == texts.Count && (Fill ?? 0) is var fill && fill >= -1 && fill < texts.Count;
        if (!ok || string.IsNullOrEmpty(Name))
        {
            throw new UserError($"{what} \"{Name}\": has values that don't fit each other");
        }
    }
}
