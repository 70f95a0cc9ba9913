using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>Which vector width kernels run in. It never shows in the bits; tests force each.</summary>
internal static unsafe class Lanes
{
    [ThreadStatic]
    private static int forced;

    /// <summary>Floats a vector: 16, 8, 4, or 1 without vector hardware.</summary>
    public static int Width => forced != 0 ? forced : Best;

    private static int Best => Vector512.IsHardwareAccelerated ? 16
        : Vector256.IsHardwareAccelerated ? 8
        : Vector128.IsHardwareAccelerated ? 4
        : 1;

    /// <summary>Runs action with kernels called from this thread in the given width (1, 4, 8, 16); for tests.</summary>
    internal static void Force(int width, Action action)
    {
        forced = width;
        try
        {
            action();
        }
        finally
        {
            forced = 0;
        }
    }

    internal static V LoadPartial<L, V>(float* address, int count, float fill)
        where L : struct, ILane<V>
        where V : struct
    {
        float* block = stackalloc float[16];
        for (int i = 0; i < L.Width; i++)
        {
            block[i] = i < count ? address[i] : fill;
        }

        return L.Load(block);
    }

    internal static void StorePartial<L, V>(V value, float* address, int count)
        where L : struct, ILane<V>
        where V : struct
    {
        float* block = stackalloc float[16];
        L.Store(value, block);
        for (int i = 0; i < count; i++)
        {
            address[i] = block[i];
        }
    }
}
