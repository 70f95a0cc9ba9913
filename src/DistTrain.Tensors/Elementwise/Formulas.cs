using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>Pieces that elementwise ops and update rules share.</summary>
internal static class Formulas
{
    /// <summary>x limited to [-limit, limit]; a NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Clip<L, V>(V x, V limit)
        where L : struct, ILane<V>
        where V : struct
    {
        V low = L.Xor(limit, L.CreateBits(int.MinValue));
        x = L.Select(L.Less(limit, x), limit, x);
        return L.Select(L.Less(x, low), low, x);
    }

    /// <summary>1, -1 or +0 with the sign of x; a NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sign<L, V>(V x)
        where L : struct, ILane<V>
        where V : struct
    {
        V one = L.Or(L.And(x, L.CreateBits(int.MinValue)), L.Create(1f));
        return L.Select(L.Equal(x, L.Create(0f)), L.Create(0f), L.Select(L.Equal(x, x), one, x));
    }

    /// <summary>+0 where |x| is below the smallest normal number; the flush that the contract asks of update rules.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V FlushTiny<L, V>(V x)
        where L : struct, ILane<V>
        where V : struct
    {
        V magnitude = L.And(x, L.CreateBits(int.MaxValue));
        return L.Select(L.Less(magnitude, L.Create(1.17549435e-38f)), L.Create(0f), x);
    }
}
