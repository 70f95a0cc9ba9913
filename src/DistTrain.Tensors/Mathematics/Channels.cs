using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>Loads and stores of a vector of channels, of which the last may be partly filled. Surplus lanes load as 1.</summary>
internal static unsafe class Channels
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<L, V>(float* address, int count)
        where L : struct, ILane<V>
        where V : struct => count >= L.Width ? L.Load(address) : L.LoadPartial(address, count, 1f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<L, V>(V value, float* address, int count)
        where L : struct, ILane<V>
        where V : struct
    {
        if (count >= L.Width)
        {
            L.Store(value, address);
        }
        else
        {
            L.StorePartial(value, address, count);
        }
    }
}
