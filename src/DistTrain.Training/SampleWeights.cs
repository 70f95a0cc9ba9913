using DistTrain.Data;

namespace DistTrain.Training;

/// <summary>Takes the weights out of targets that a source wrote with them, so that graphs see values alone.</summary>
internal static class SampleWeights
{
    /// <summary>Moves the values of each row together and its weight away.</summary>
    /// <param name="target">Weighted or not.</param>
    /// <param name="rows">Of targets.</param>
    /// <param name="targets">[rows, Length]; afterwards [rows, ValueLength] at its beginning.</param>
    /// <param name="weights">Gets a weight a row where there are any.</param>
    public static void Split(TargetDescription target, int rows, Span<float> targets, Span<float> weights)
    {
        if (!target.IsWeighted)
        {
            return;
        }

        int values = target.ValueLength;
        for (int row = 0; row < rows; row++)
        {
            Span<float> from = targets.Slice(row * (values + 1), values + 1);
            weights[row] = from[values];
            from[..values].CopyTo(targets[(row * values)..]);
        }
    }
}
