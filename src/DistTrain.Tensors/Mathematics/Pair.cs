namespace DistTrain.Tensors;

/// <summary>Two vectors side by side, the value of a <see cref="DoubleLane{L, V}"/>.</summary>
internal readonly struct Pair<V>(V low, V high)
    where V : struct
{
    public readonly V Low = low;
    public readonly V High = high;
}
