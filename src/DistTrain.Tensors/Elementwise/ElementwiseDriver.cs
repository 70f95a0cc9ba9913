using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// The one place where elementwise loops stand: y[i] = op(a[i], b[i], c[i]). A tail goes through the same vector formula with
/// the surplus lanes filled, so an element's bits don't depend on where it stands.
/// </summary>
internal static unsafe class ElementwiseDriver
{
    /// <summary>Elements below which a part isn't worth another thread's wake-up (about 2 µs of the cheapest op).</summary>
    private const int PartMin = 16 * 1024;

    public static void Run<TOp>(
        ForkJoinPool pool,
        TOp op,
        Span<float> y,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b = default,
        ReadOnlySpan<float> c = default)
        where TOp : unmanaged, IElementwise
    {
        Check(y, a, "first");
        if (TOp.Inputs > 1)
        {
            Check(y, b, "second");
        }

        if (TOp.Inputs > 2)
        {
            Check(y, c, "third");
        }

        fixed (float* pa = a, pb = b, pc = c, py = y)
        {
            var call = new Call<TOp> { A = pa, B = pb, C = pc, Y = py, Length = y.Length, Width = Lanes.Width, Op = op };
            int parts = pool.Threads == 1 ? 1 : Math.Clamp(y.Length / PartMin, 1, 4 * pool.Threads);

            // Whole cache lines a part, so that no two threads write one.
            call.PartLength = (((y.Length + parts - 1) / parts) + 15) & ~15;
            pool.Run(parts, &Part<TOp>, &call);
        }
    }

    /// <summary>An output may be exactly an input or apart from it; a shifted overlap would read what it wrote.</summary>
    private static void Check(ReadOnlySpan<float> y, ReadOnlySpan<float> x, string which)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"The {which} input has {x.Length} elements, the output {y.Length}.");
        }

        if (y.Overlaps(x, out int offset) && offset != 0)
        {
            throw new ArgumentException($"The output overlaps the {which} input, shifted by {offset} elements.");
        }
    }

    private static void Part<TOp>(void* context, int part)
        where TOp : unmanaged, IElementwise
    {
        var call = (Call<TOp>*)context;
        nint start = (nint)part * call->PartLength;
        nint count = Math.Min(call->PartLength, call->Length - start);
        if (count <= 0)
        {
            return;
        }

        float* a = call->A + start, b = call->B + start, c = call->C + start, y = call->Y + start;
        switch (call->Width)
        {
            case 16:
                Loop<TOp, Lane512, System.Runtime.Intrinsics.Vector512<float>>(call->Op, a, b, c, y, count);
                break;
            case 8:
                Loop<TOp, Lane256, System.Runtime.Intrinsics.Vector256<float>>(call->Op, a, b, c, y, count);
                break;
            case 4:
                Loop<TOp, Lane128, System.Runtime.Intrinsics.Vector128<float>>(call->Op, a, b, c, y, count);
                break;
            default:
                Loop<TOp, ScalarLane, float>(call->Op, a, b, c, y, count);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Loop<TOp, L, V>(TOp op, float* a, float* b, float* c, float* y, nint count)
        where TOp : unmanaged, IElementwise
        where L : struct, ILane<V>
        where V : struct
    {
        nint i = 0;
        for (; i <= count - (2 * L.Width); i += 2 * L.Width)
        {
            V first = op.Apply<L, V>(
                L.Load(a + i),
                TOp.Inputs > 1 ? L.Load(b + i) : default,
                TOp.Inputs > 2 ? L.Load(c + i) : default);
            V second = op.Apply<L, V>(
                L.Load(a + i + L.Width),
                TOp.Inputs > 1 ? L.Load(b + i + L.Width) : default,
                TOp.Inputs > 2 ? L.Load(c + i + L.Width) : default);
            L.Store(first, y + i);
            L.Store(second, y + i + L.Width);
        }

        if (i <= count - L.Width)
        {
            V value = op.Apply<L, V>(
                L.Load(a + i),
                TOp.Inputs > 1 ? L.Load(b + i) : default,
                TOp.Inputs > 2 ? L.Load(c + i) : default);
            L.Store(value, y + i);
            i += L.Width;
        }

        int rest = (int)(count - i);
        if (rest > 0)
        {
            V value = op.Apply<L, V>(
                L.LoadPartial(a + i, rest, 1f),
                TOp.Inputs > 1 ? L.LoadPartial(b + i, rest, 1f) : default,
                TOp.Inputs > 2 ? L.LoadPartial(c + i, rest, 1f) : default);
            L.StorePartial(value, y + i, rest);
        }
    }

    private struct Call<TOp>
        where TOp : unmanaged, IElementwise
    {
        public float* A;
        public float* B;
        public float* C;
        public float* Y;
        public nint Length;
        public nint PartLength;
        public int Width;
        public TOp Op;
    }
}
