using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DistTrain.Tensors;

/// <summary>Plan data that kernels read through a pointer; whoever uses the pointer keeps the owner alive.</summary>
internal sealed unsafe class PinnedArray<T>
    where T : unmanaged
{
    private readonly T[] array;

    internal PinnedArray(ReadOnlySpan<T> values)
    {
        array = GC.AllocateUninitializedArray<T>(values.Length, pinned: true);
        values.CopyTo(array);
        Pointer = (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
    }

    internal T* Pointer { get; }

    internal int Length => array.Length;
}
