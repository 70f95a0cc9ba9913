namespace DistTrain.Protocol;

/// <summary>What a range sums besides gradients: the weights of its samples, and named sums (loss, metrics) in the job's order.</summary>
/// <param name="WeightSum">Sum of sample weights: what the gradient sum is divided by in the end.</param>
/// <param name="Sums">Other sums; as many as the job names. Immutable.</param>
public sealed record RangeStatistics(float WeightSum, IReadOnlyList<float> Sums)
{
    /// <summary>left + right, elementwise in float: one node of the tree.</summary>
    public static RangeStatistics Add(RangeStatistics left, RangeStatistics right)
    {
        if (left.Sums.Count != right.Sums.Count)
        {
            throw new InvalidOperationException($"Ranges with {left.Sums.Count} and {right.Sums.Count} sums cannot be added.");
        }

        float[] sums = new float[left.Sums.Count];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = left.Sums[i] + right.Sums[i];
        }

        return new RangeStatistics(left.WeightSum + right.WeightSum, sums);
    }

    public bool Equals(RangeStatistics? other) =>
        other is not null
        && BitConverter.SingleToInt32Bits(WeightSum) == BitConverter.SingleToInt32Bits(other.WeightSum)
        && Sums.Select(BitConverter.SingleToInt32Bits).SequenceEqual(other.Sums.Select(BitConverter.SingleToInt32Bits));

    public override int GetHashCode() => BitConverter.SingleToInt32Bits(WeightSum);

    public override string ToString() => $"weight {WeightSum:R}, sums [{string.Join(", ", Sums.Select(sum => sum.ToString("R")))}]";
}
