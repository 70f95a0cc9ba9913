namespace DistTrain.Protocol;

/// <summary>Statistics of committed steps of one pass, or of an evaluation, added in order in double precision.</summary>
/// <param name="Pass">The pass, from 0.</param>
/// <param name="Samples">Samples that entered.</param>
/// <param name="WeightSum">Sum of the weight sums.</param>
/// <param name="Sums">Sum of each named sum; empty while nothing entered.</param>
public sealed record PassTotals(int Pass, long Samples, double WeightSum, IReadOnlyList<double> Sums)
{
    public static PassTotals Empty(int pass) => new(pass, 0, 0, []);

    /// <summary>These totals and one step (or batch) more.</summary>
    public PassTotals With(int samples, RangeStatistics statistics)
    {
        double[] sums = new double[statistics.Sums.Count];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = (i < Sums.Count ? Sums[i] : 0.0) + statistics.Sums[i];
        }

        return new PassTotals(Pass, Samples + samples, WeightSum + statistics.WeightSum, sums);
    }

    public bool Equals(PassTotals? other) =>
        other is not null && Pass == other.Pass && Samples == other.Samples && WeightSum.Equals(other.WeightSum) && Sums.SequenceEqual(other.Sums);

    public override int GetHashCode() => Samples.GetHashCode();
}
