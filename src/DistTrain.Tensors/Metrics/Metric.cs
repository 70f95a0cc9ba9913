namespace DistTrain.Tensors;

/// <summary>
/// A metric as a function of sums: those of an evaluation's samples, summed up the tree and over batches like the loss. So it is the
/// same bits for any number of workers, and whoever has the sums - coordinator, trainer, a person's command - gets the same value.
/// </summary>
/// <param name="Kind">Which.</param>
/// <param name="First">Where its sums begin, after loss and the loss's own metric: see <see cref="SumsOf"/>.</param>
/// <param name="Size">Classes, outputs or bins, as the kind has them.</param>
public readonly record struct Metric(MetricKind Kind, int First, int Size)
{
    /// <summary>Bins of a ROC curve, for each of the two classes.</summary>
    public const int CurveBins = 512;

    private const int BinsPerOctave = 16;
    private const int SmallestExponent = -8;

    /// <summary>Whether larger is better.</summary>
    public static bool IsMaximized(MetricKind kind) =>
        kind is not (MetricKind.MeanAbsoluteError or MetricKind.RootMeanSquaredError or MetricKind.Perplexity);

    /// <summary>How many sums a kind needs, and in which order.</summary>
    /// <param name="kind">Topk: weight, hits. Precision, recall, F1 (in common): right, called, being of each class. RocAuc: negatives and
    /// positives of each bin. Errors (in common): weight, |d|, d². R2: weight, d², t - reference and its square, of each output.</param>
    /// <param name="size">Classes or outputs.</param>
    public static int SumsOf(MetricKind kind, int size) => kind switch
    {
        MetricKind.TopKAccuracy => 2,
        MetricKind.Precision or MetricKind.Recall or MetricKind.F1 => 3 * size,
        MetricKind.RocAuc => 2 * CurveBins,
        MetricKind.MeanAbsoluteError or MetricKind.RootMeanSquaredError => 3,
        MetricKind.R2 => 4 * size,
        _ => 0,
    };

    /// <summary>
    /// The bin of a score, larger for larger scores: 16 bins an octave from 2⁻⁸ to 2⁸ on either side of 0, taken from the number's
    /// bits. Scores of one bin count as equal: the area is exact but for pairs within 6 % of each other.
    /// </summary>
    public static int BinOf(float score)
    {
        int bits = BitConverter.SingleToInt32Bits(score) & int.MaxValue;
        int magnitude = (bits >> 19) - ((127 + SmallestExponent) * BinsPerOctave);
        magnitude = Math.Clamp(magnitude, 0, (CurveBins / 2) - 1);
        return score < 0 ? (CurveBins / 2) - 1 - magnitude : (CurveBins / 2) + magnitude;
    }

    /// <summary>The metric of an evaluation.</summary>
    /// <param name="sums">Loss, the loss's metric, then those of all metrics.</param>
    /// <param name="weightSum">What loss and metric are divided by.</param>
    public double Value(IReadOnlyList<double> sums, double weightSum)
    {
        ArgumentNullException.ThrowIfNull(sums);
        return Kind switch
        {
            MetricKind.TopKAccuracy => sums[First + 1] / sums[First],
            MetricKind.Precision or MetricKind.Recall or MetricKind.F1 => OfClasses(sums),
            MetricKind.RocAuc => Area(sums),
            MetricKind.MeanAbsoluteError => sums[First + 1] / sums[First],
            MetricKind.RootMeanSquaredError => Math.Sqrt(sums[First + 2] / sums[First]),
            MetricKind.R2 => Determination(sums),
            MetricKind.Perplexity => Mathematics.Exp(sums[0] / weightSum),
            _ => throw new InvalidOperationException($"{Kind} has no formula."),
        };
    }

    /// <summary>Of class 1, or the mean over the classes that occur; a quotient by 0 is 0 (scikit-learn's binary and macro averages).</summary>
    private double OfClasses(IReadOnlyList<double> sums)
    {
        if (Size == 2)
        {
            return OfClass(sums, 1);
        }

        double sum = 0;
        int occurring = 0;
        for (int c = 0; c < Size; c++)
        {
            if (sums[First + (3 * c) + 1] + sums[First + (3 * c) + 2] > 0)
            {
                sum += OfClass(sums, c);
                occurring++;
            }
        }

        return occurring == 0 ? 0 : sum / occurring;
    }

    private double OfClass(IReadOnlyList<double> sums, int c)
    {
        double right = sums[First + (3 * c)], called = sums[First + (3 * c) + 1], being = sums[First + (3 * c) + 2];
        (double part, double whole) = Kind switch
        {
            MetricKind.Precision => (right, called),
            MetricKind.Recall => (right, being),
            _ => (2 * right, called + being),
        };
        return whole > 0 ? part / whole : 0;
    }

    /// <summary>Σ over bins of negatives below, plus half of those in the bin, times positives; by all pairs. 0.5 without one of them.</summary>
    private double Area(IReadOnlyList<double> sums)
    {
        double below = 0, area = 0, positives = 0;
        for (int bin = 0; bin < CurveBins; bin++)
        {
            double negative = sums[First + bin], positive = sums[First + CurveBins + bin];
            area += positive * (below + (0.5 * negative));
            below += negative;
            positives += positive;
        }

        return below > 0 && positives > 0 ? area / (below * positives) : 0.5;
    }

    private double Determination(IReadOnlyList<double> sums)
    {
        double mean = 0;
        for (int output = 0; output < Size; output++)
        {
            int at = First + (4 * output);
            double spread = sums[at + 3] - (sums[at + 2] * sums[at + 2] / sums[at]);
            mean += spread > 0 ? 1 - (sums[at + 1] / spread) : 0;
        }

        return mean / Size;
    }
}
