namespace DistTrain.Training;

/// <summary>How many samples of each class were called each class.</summary>
public sealed class ConfusionMatrix : IEquatable<ConfusionMatrix>
{
    private readonly double[] counts;

    /// <param name="classes">Rows and columns.</param>
    /// <param name="counts">[being, called], row by row.</param>
    internal ConfusionMatrix(int classes, double[] counts)
    {
        Classes = classes;
        this.counts = counts;
    }

    public int Classes { get; }

    /// <summary>Samples (or the sum of their weights).</summary>
    /// <param name="being">The class of the target.</param>
    /// <param name="called">The class of the largest output.</param>
    public double this[int being, int called] => counts[(being * Classes) + called];

    public bool Equals(ConfusionMatrix? other) => other is not null && counts.AsSpan().SequenceEqual(other.counts);

    public override bool Equals(object? obj) => Equals(obj as ConfusionMatrix);

    public override int GetHashCode() => counts.Length;
}
