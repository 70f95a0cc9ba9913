using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>
/// The 16-lane order of docs/numerics.md: lane l folds elements l, l + 16, ... ascending, then lanes i and i+8, i and i+4, i and
/// i+2, i and i+1. L has 16 lanes.
/// </summary>
/// <remarks>
/// An absent lane holds the fold's neutral element, which changes no bit of what it meets (-0 for a sum: x + -0 is x even for
/// x = -0; -infinity for a maximum), so that every lane takes part in the tree.
/// </remarks>
internal static unsafe class SixteenLanes
{
    // Constant data of the assembly: it doesn't move.
    private static ReadOnlySpan<int> Masks =>
    [
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>Floats that a caller takes from its stack for <see cref="Align"/>.</summary>
    public const int BlockLength = 32;

    /// <summary>The 64-byte boundary in memory: a vector stored across two lines isn't forwarded to the loads behind it (.15 or .7 ns an element in rows of 10).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Align(float* memory) => (float*)(((nuint)memory + 63) & ~(nuint)63);

    /// <summary>All bits set in the first count lanes, none in the others; count is 1 to 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Present<L, V>(int count)
        where L : struct, ILane<V>
        where V : struct =>
        L.Load((float*)Unsafe.AsPointer(ref Unsafe.AsRef(in MemoryMarshal.GetReference(Masks))) + 16 - count);

    /// <summary>The fold of cols elements, at least 1.</summary>
    /// <param name="x">[cols]</param>
    /// <param name="cols">Elements.</param>
    /// <param name="block">Scratch of 16 floats: stack memory of the caller, since a method that takes its own isn't inlined in loops.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Row<TFold, L, V>(float* x, int cols, float* block)
        where TFold : struct, IFold
        where L : struct, ILane<V>
        where V : struct
    {
        V lanes = L.Create(TFold.Neutral);
        int i = 0;
        for (; i <= cols - 16; i += 16)
        {
            lanes = TFold.Combine<L, V>(lanes, L.Load(x + i));
        }

        if (i < cols)
        {
            lanes = TFold.Combine<L, V>(lanes, L.LoadPartial(x + i, cols - i, TFold.Neutral));
        }

        return Tree<TFold, L, V>(lanes, block);
    }

    /// <summary>Folds the 16 lanes to one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tree<TFold, L, V>(V lanes, float* block)
        where TFold : struct, IFold
        where L : struct, ILane<V>
        where V : struct
    {
        L.Store(lanes, block);
        Vector128<float> low = TFold.Combine<Lane128, Vector128<float>>(Vector128.Load(block), Vector128.Load(block + 8));
        Vector128<float> high = TFold.Combine<Lane128, Vector128<float>>(Vector128.Load(block + 4), Vector128.Load(block + 12));
        Vector128<float> four = TFold.Combine<Lane128, Vector128<float>>(low, high);
        Vector128<float> two = TFold.Combine<Lane128, Vector128<float>>(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return TFold.Combine<ScalarLane, float>(two.ToScalar(), two.GetElement(1));
    }
}
