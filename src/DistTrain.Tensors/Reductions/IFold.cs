using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>A way to make one element of two.</summary>
internal interface IFold
{
    /// <summary>Changes no bit of any element that is combined with it.</summary>
    static abstract float Neutral { get; }

    static abstract V Combine<L, V>(V a, V b)
        where L : struct, ILane<V>
        where V : struct;
}

/// <summary>a + b</summary>
internal readonly struct SumFold : IFold
{
    public static float Neutral => -0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<L, V>(V a, V b)
        where L : struct, ILane<V>
        where V : struct => L.Add(a, b);
}

/// <summary>IEEE 754-2019 maximum.</summary>
internal readonly struct MaxFold : IFold
{
    public static float Neutral => float.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<L, V>(V a, V b)
        where L : struct, ILane<V>
        where V : struct => L.Max(a, b);
}
