namespace DistTrain.Tensors;

/// <summary>Identifies the set of rules in docs/numerics.md under which bits are comparable.</summary>
public static class Numerics
{
    /// <summary>Raised with every change that changes a bit; machines of different versions refuse each other.</summary>
    public const int Version = 1;
}
