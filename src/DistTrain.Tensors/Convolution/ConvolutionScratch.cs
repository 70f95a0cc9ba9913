using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DistTrain.Tensors;

/// <summary>
/// Memory of one thread for one call: rented at its start, given back by returning. It grows to the largest call the thread
/// has made and stays, so that calls don't allocate in the long run.
/// </summary>
internal static unsafe class ConvolutionScratch
{
    /// <summary>Packed weights and what else lives for the whole call; belongs to the thread that called.</summary>
    [ThreadStatic]
    private static FloatBuffer? ofCall;

    /// <summary>What one part needs; a thread that takes several parts reuses it.</summary>
    [ThreadStatic]
    private static FloatBuffer? ofPart;

    internal static float* ForCall(long floats) => Rent(ref ofCall, floats);

    internal static float* ForPart(long floats) => Rent(ref ofPart, floats);

    /// <summary>Floats rounded up to whole cache lines, for placing several arrays in one rent.</summary>
    internal static long Aligned(long floats) => (floats + 15) & ~15L;

    private static float* Rent(ref FloatBuffer? buffer, long floats)
    {
        if (buffer is null || buffer.Length < floats)
        {
            buffer = new FloatBuffer(checked((int)floats));
        }

        // Pinned for its lifetime, which the thread-static field extends beyond the call.
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer.Span));
    }
}
