using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistTrain.Data;

/// <summary>
/// y = b / 255, correctly rounded: a byte of a picture as a float in [0, 1].
/// </summary>
/// <remarks>
/// Dividing is the slow part of gathering a batch (a 256-bit division takes as long as 10 multiplications). With 1/255 written
/// as high + low, fma(b, high, b · low) rounds a value that is wrong by 2⁻⁴⁹ at most, and a test shows that it is b / 255 for all
/// 256 bytes; so the vector paths and the table hold the same bits.
/// </remarks>
internal static class PixelScaling
{
    private const float High = 1f / 255f;
    private const float Low = (float)((1.0 / 255.0) - High);

    private static readonly float[] Table = CreateTable();

    public static void ToUnit(ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        if (floats.Length < bytes.Length)
        {
            throw new ArgumentException($"{bytes.Length} bytes don't fit {floats.Length} floats.", nameof(floats));
        }

        int done = 0;
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            done = ToUnit512(bytes, floats);
        }
        else if (Avx2.IsSupported && Fma.IsSupported)
        {
            done = ToUnit256(bytes, floats);
        }

        ToUnitTable(bytes[done..], floats[done..]);
    }

    internal static void ToUnitTable(ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        ref float table = ref MemoryMarshal.GetArrayDataReference(Table);
        floats = floats[..bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            floats[i] = Unsafe.Add(ref table, bytes[i]);
        }
    }

    internal static int ToUnit512(ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        ref byte source = ref MemoryMarshal.GetReference(bytes);
        ref float destination = ref MemoryMarshal.GetReference(floats);
        int i = 0;
        for (; i + 16 <= bytes.Length; i += 16)
        {
            Vector512<int> integers = Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref source, (nuint)i));
            Vector512<float> x = Vector512.ConvertToSingle(integers);
            Vector512.FusedMultiplyAdd(x, Vector512.Create(High), x * Low).StoreUnsafe(ref destination, (nuint)i);
        }

        return i;
    }

    internal static int ToUnit256(ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        ref byte source = ref MemoryMarshal.GetReference(bytes);
        ref float destination = ref MemoryMarshal.GetReference(floats);
        int i = 0;
        for (; i + 16 <= bytes.Length; i += 8)
        {
            Vector256<int> integers = Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref source, (nuint)i));
            Vector256<float> x = Vector256.ConvertToSingle(integers);
            Fma.MultiplyAdd(x, Vector256.Create(High), x * Low).StoreUnsafe(ref destination, (nuint)i);
        }

        return i;
    }

    private static float[] CreateTable()
    {
        float[] table = new float[256];
        for (int b = 0; b < table.Length; b++)
        {
            table[b] = b / 255f;
        }

        return table;
    }
}
