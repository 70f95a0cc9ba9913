using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>Guards the contract's rule that denormals are kept; every compute thread calls it at start.</summary>
public static class DenormalCheck
{
    /// <exception cref="InvalidOperationException">This thread flushes denormal results or reads denormals as 0.</exception>
    public static void ThrowIfFlushed()
    {
        float half = Multiply(1.17549435e-38f, 0.5f);
        float back = Multiply(half, 2f);
        if (BitConverter.SingleToInt32Bits(half) != 0x00400000 || back != 1.17549435e-38f)
        {
            throw new InvalidOperationException(
                "This thread flushes denormal numbers to zero (something set FTZ or DAZ in MXCSR); results would differ from other machines.");
        }
    }

    // Not inlined, so that the product is computed by this thread and not by the compiler.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Multiply(float a, float b) => a * b;
}
