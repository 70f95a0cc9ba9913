namespace DistTrain.Tensors;

/// <summary>Range checks of what a rule is made with.</summary>
internal static class Hyperparameter
{
    public static double Fraction(string name, double value) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is in [0, 1).");

    public static double Positive(string name, double value) => value > 0
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is above 0.");

    public static double NotNegative(string name, double value) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is 0 or more.");
}
