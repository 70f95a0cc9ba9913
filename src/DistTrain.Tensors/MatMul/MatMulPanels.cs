using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistTrain.Tensors;

/// <summary>
/// Copies into the form the micro-kernels read: a panel holds, for each step of the summed index, the columns of one tile of b
/// side by side. Only moves floats, so nothing here can change a bit of a result.
/// </summary>
internal static unsafe class MatMulPanels
{
    /// <summary>Steps that a transposed panel may be written beyond its end.</summary>
    public const int SlackSteps = 16;

    /// <summary>panel[p, j] = b[p, j] for j &lt; width; columns from width to panelWidth are padding of any value.</summary>
    /// <param name="steps">p: 0 .. steps - 1</param>
    /// <param name="width">Columns that exist, at most panelWidth.</param>
    /// <param name="panelWidth">A multiple of 4.</param>
    /// <param name="b">First element of the panel's columns.</param>
    /// <param name="ldb">Floats between rows of b.</param>
    /// <param name="end">End of all of b: padding is read from the next row where there is one, and zero elsewhere.</param>
    /// <param name="panel">steps * panelWidth floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(nint steps, int width, int panelWidth, float* b, nint ldb, float* end, float* panel)
    {
        for (; steps > 0; steps--, b += ldb, panel += panelWidth)
        {
            if (b + panelWidth > end)
            {
                new Span<float>(panel, panelWidth).Clear();
                new ReadOnlySpan<float>(b, width).CopyTo(new Span<float>(panel, width));
            }
            else if (panelWidth % 16 == 0)
            {
                for (int j = 0; j < panelWidth; j += 16)
                {
                    Vector512.Load(b + j).Store(panel + j);
                }
            }
            else
            {
                for (int j = 0; j < panelWidth; j += 4)
                {
                    Vector128.Load(b + j).Store(panel + j);
                }
            }
        }
    }

    /// <summary>panel[p, j] = b[j, p] for j &lt; width; columns from width to panelWidth are padding of any value.</summary>
    /// <param name="lanes">Vector width whose transposition is used: 16, 8 or 4.</param>
    /// <param name="steps">p: 0 .. steps - 1</param>
    /// <param name="width">Rows of b that exist, at most panelWidth.</param>
    /// <param name="panelWidth">A multiple of lanes.</param>
    /// <param name="b">First element of the panel's rows.</param>
    /// <param name="ldb">Floats between rows of b.</param>
    /// <param name="panel">(steps + SlackSteps) * panelWidth floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(int lanes, int steps, int width, int panelWidth, float* b, nint ldb, float* panel)
    {
        for (int j = 0; j < width; j += lanes)
        {
            int last = Math.Min(lanes, width - j) - 1;
            if (lanes == 16 && Avx512F.IsSupported)
            {
                for (int p = 0; p < steps; p += 16)
                {
                    Transpose16(b + p, ldb, last, steps - p, panel + ((nint)p * panelWidth), panelWidth);
                }
            }
            else if (lanes == 8 && Avx.IsSupported)
            {
                for (int p = 0; p < steps; p += 8)
                {
                    Transpose8(b + p, ldb, last, steps - p, panel + ((nint)p * panelWidth), panelWidth);
                }
            }
            else
            {
                TransposeScalar(b, ldb, last, steps, panel, panelWidth, lanes);
            }

            b += lanes * ldb;
            panel += lanes;
        }
    }

    /// <summary>c[i, j] = tile[i, j]: what a full tile computed for an edge of c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(int rows, int width, float* from, nint fromStride, float* to, nint toStride)
    {
        for (; rows > 0; rows--, from += fromStride, to += toStride)
        {
            int j = 0;
            for (; j + 4 <= width; j += 4)
            {
                Vector128.Load(from + j).Store(to + j);
            }

            for (; j < width; j++)
            {
                to[j] = from[j];
            }
        }
    }

    private static void TransposeScalar(float* b, nint ldb, int last, int steps, float* panel, int panelWidth, int lanes)
    {
        for (int p = 0; p < steps; p++)
        {
            for (int j = 0; j < lanes; j++)
            {
                panel[((nint)p * panelWidth) + j] = b[(Math.Min(j, last) * ldb) + p];
            }
        }
    }

    /// <summary>16 x 16 in registers. Rows after <paramref name="last"/> repeat it; columns from <paramref name="cols"/> on are not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    private static void Transpose16(float* b, nint ldb, int last, int cols, float* panel, nint panelWidth)
    {
        Vector512<float> mask = Vector512.GreaterThan(Vector512.Create(cols), Vector512<int>.Indices).AsSingle();
        Quarter(b, ldb, 0, last, mask, out var r0, out var r1, out var r2, out var r3);
        Quarter(b, ldb, 4, last, mask, out var r4, out var r5, out var r6, out var r7);
        Quarter(b, ldb, 8, last, mask, out var r8, out var r9, out var r10, out var r11);
        Quarter(b, ldb, 12, last, mask, out var r12, out var r13, out var r14, out var r15);
        Gather(r0, r4, r8, r12, panel, 4 * panelWidth);
        Gather(r1, r5, r9, r13, panel + panelWidth, 4 * panelWidth);
        Gather(r2, r6, r10, r14, panel + (2 * panelWidth), 4 * panelWidth);
        Gather(r3, r7, r11, r15, panel + (3 * panelWidth), 4 * panelWidth);
    }

    /// <summary>Four rows, transposed within each 128-bit group: group g of output c holds column 4g + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(
        float* b,
        nint ldb,
        int row,
        int last,
        Vector512<float> mask,
        out Vector512<float> c0,
        out Vector512<float> c1,
        out Vector512<float> c2,
        out Vector512<float> c3)
    {
        Vector512<float> r0 = Avx512F.MaskLoad(b + (Math.Min(row, last) * ldb), mask, Vector512<float>.Zero);
        Vector512<float> r1 = Avx512F.MaskLoad(b + (Math.Min(row + 1, last) * ldb), mask, Vector512<float>.Zero);
        Vector512<float> r2 = Avx512F.MaskLoad(b + (Math.Min(row + 2, last) * ldb), mask, Vector512<float>.Zero);
        Vector512<float> r3 = Avx512F.MaskLoad(b + (Math.Min(row + 3, last) * ldb), mask, Vector512<float>.Zero);
        Vector512<double> low01 = Avx512F.UnpackLow(r0, r1).AsDouble();
        Vector512<double> high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(r2, r3).AsDouble();
        Vector512<double> high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        c0 = Avx512F.UnpackLow(low01, low23).AsSingle();
        c1 = Avx512F.UnpackHigh(low01, low23).AsSingle();
        c2 = Avx512F.UnpackLow(high01, high23).AsSingle();
        c3 = Avx512F.UnpackHigh(high01, high23).AsSingle();
    }

    /// <summary>Stores columns c, c + 4, c + 8, c + 12 from the four quarters' output c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gather(
        Vector512<float> q0, Vector512<float> q1, Vector512<float> q2, Vector512<float> q3, float* panel, nint stride)
    {
        Vector512<float> even01 = Avx512F.Shuffle4x128(q0, q1, 0x88);
        Vector512<float> odd01 = Avx512F.Shuffle4x128(q0, q1, 0xDD);
        Vector512<float> even23 = Avx512F.Shuffle4x128(q2, q3, 0x88);
        Vector512<float> odd23 = Avx512F.Shuffle4x128(q2, q3, 0xDD);
        Avx512F.Shuffle4x128(even01, even23, 0x88).Store(panel);
        Avx512F.Shuffle4x128(odd01, odd23, 0x88).Store(panel + stride);
        Avx512F.Shuffle4x128(even01, even23, 0xDD).Store(panel + (2 * stride));
        Avx512F.Shuffle4x128(odd01, odd23, 0xDD).Store(panel + (3 * stride));
    }

    /// <summary>8 x 8 in registers, by the same steps with half as many groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    private static void Transpose8(float* b, nint ldb, int last, int cols, float* panel, nint panelWidth)
    {
        Vector256<float> mask = Vector256.GreaterThan(Vector256.Create(cols), Vector256<int>.Indices).AsSingle();
        Half(b, ldb, 0, last, mask, out var r0, out var r1, out var r2, out var r3);
        Half(b, ldb, 4, last, mask, out var r4, out var r5, out var r6, out var r7);
        Scatter(r0, r4, panel, panelWidth);
        Scatter(r1, r5, panel + panelWidth, panelWidth);
        Scatter(r2, r6, panel + (2 * panelWidth), panelWidth);
        Scatter(r3, r7, panel + (3 * panelWidth), panelWidth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Half(
        float* b,
        nint ldb,
        int row,
        int last,
        Vector256<float> mask,
        out Vector256<float> c0,
        out Vector256<float> c1,
        out Vector256<float> c2,
        out Vector256<float> c3)
    {
        Vector256<float> r0 = Avx.MaskLoad(b + (Math.Min(row, last) * ldb), mask);
        Vector256<float> r1 = Avx.MaskLoad(b + (Math.Min(row + 1, last) * ldb), mask);
        Vector256<float> r2 = Avx.MaskLoad(b + (Math.Min(row + 2, last) * ldb), mask);
        Vector256<float> r3 = Avx.MaskLoad(b + (Math.Min(row + 3, last) * ldb), mask);
        Vector256<double> low01 = Avx.UnpackLow(r0, r1).AsDouble();
        Vector256<double> high01 = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> low23 = Avx.UnpackLow(r2, r3).AsDouble();
        Vector256<double> high23 = Avx.UnpackHigh(r2, r3).AsDouble();
        c0 = Avx.UnpackLow(low01, low23).AsSingle();
        c1 = Avx.UnpackHigh(low01, low23).AsSingle();
        c2 = Avx.UnpackLow(high01, high23).AsSingle();
        c3 = Avx.UnpackHigh(high01, high23).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter(Vector256<float> upper, Vector256<float> lower, float* panel, nint panelWidth)
    {
        Avx.Permute2x128(upper, lower, 0x20).Store(panel);
        Avx.Permute2x128(upper, lower, 0x31).Store(panel + (4 * panelWidth));
    }
}
