using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DistTrain.Tensors;

/// <summary>
/// Float32 memory that starts on a 64-byte boundary and never moves. The garbage collector owns it: nothing has to be
/// disposed, and a forgotten buffer costs memory only until the next collection.
/// </summary>
public sealed class FloatBuffer
{
    private const int AlignmentBytes = 64;
    private readonly float[] array;
    private readonly int offset;

    /// <summary>A zeroed buffer.</summary>
    /// <param name="length">Floats, 0 or more.</param>
    public unsafe FloatBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        array = GC.AllocateArray<float>(checked(length + (AlignmentBytes / sizeof(float))), pinned: true);
        nuint address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        offset = (int)(((AlignmentBytes - (address % AlignmentBytes)) % AlignmentBytes) / sizeof(float));
        Length = length;
    }

    /// <summary>Floats.</summary>
    public int Length { get; }

    public Span<float> Span => array.AsSpan(offset, Length);

    public Memory<float> Memory => array.AsMemory(offset, Length);
}
