namespace DistTrain.Tensors;

/// <summary>What every rule does to a gradient before its own formula (<see cref="IUpdateRule"/> has the order).</summary>
internal readonly struct GradientTerms
{
    public readonly float L2;
    public readonly float L1;
    public readonly float ClipValue;

    /// <summary>The gradient as it is.</summary>
    public static readonly GradientTerms None = new(0, float.PositiveInfinity, 0);

    /// <exception cref="ArgumentOutOfRangeException">Names the one that is out of its range.</exception>
    public GradientTerms(float l2, float clipValue, float l1)
    {
        L2 = (float)Hyperparameter.NotNegative(nameof(l2), l2);
        ClipValue = (float)Hyperparameter.Positive(nameof(clipValue), clipValue);
        L1 = (float)Hyperparameter.NotNegative(nameof(l1), l1);
    }
}
