using System.Numerics;
using System.Runtime.InteropServices;

namespace DistTrain.Protocol;

/// <summary>The two passes a server makes over floats besides the update. Elementwise, so the vector width cannot show in the bits.</summary>
internal static class BlockSum
{
    /// <summary>sum[i] = left[i] + right[i]; sum may be left or right.</summary>
    public static void Add(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> sum)
    {
        if (left.Length != right.Length || left.Length != sum.Length)
        {
            throw new InvalidOperationException($"Sums of {left.Length} and {right.Length} floats cannot be added into {sum.Length}.");
        }

        ReadOnlySpan<Vector<float>> leftVectors = MemoryMarshal.Cast<float, Vector<float>>(left);
        ReadOnlySpan<Vector<float>> rightVectors = MemoryMarshal.Cast<float, Vector<float>>(right);
        Span<Vector<float>> sumVectors = MemoryMarshal.Cast<float, Vector<float>>(sum);
        for (int i = 0; i < sumVectors.Length; i++)
        {
            sumVectors[i] = leftVectors[i] + rightVectors[i];
        }

        for (int i = sumVectors.Length * Vector<float>.Count; i < sum.Length; i++)
        {
            sum[i] = left[i] + right[i];
        }
    }

    /// <summary>Index of the first float that is infinite or not a number; -1 when all are finite.</summary>
    public static int FirstNonFinite(ReadOnlySpan<float> floats)
    {
        // Exponent all ones: infinite or NaN. As integers the magnitude compares directly.
        const int Infinity = 0x7F800000;
        ReadOnlySpan<Vector<int>> vectors = MemoryMarshal.Cast<float, Vector<int>>(floats);
        var magnitude = new Vector<int>(int.MaxValue);
        var infinity = new Vector<int>(Infinity);
        bool found = false;
        for (int i = 0; i < vectors.Length; i++)
        {
            if (Vector.GreaterThanOrEqualAny(vectors[i] & magnitude, infinity))
            {
                found = true;
                break;
            }
        }

        int from = found ? 0 : vectors.Length * Vector<float>.Count;
        for (int i = from; i < floats.Length; i++)
        {
            if (!float.IsFinite(floats[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
