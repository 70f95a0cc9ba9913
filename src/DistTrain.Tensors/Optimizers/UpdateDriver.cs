using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>The loop of all update rules: average, clip, L2, L1 and the rule in one pass over memory.</summary>
internal static unsafe class UpdateDriver
{
    public static void Run<TKernel>(
        in UpdateCoefficients<float> coefficients,
        float gradientScale,
        in GradientTerms gradientTerms,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots)
        where TKernel : struct, IUpdateKernel
    {
        int n = weights.Length;
        if (gradientSum.Length != n || newWeights.Length != n || slots.Length != TKernel.Slots * n || newSlots.Length != slots.Length)
        {
            throw new ArgumentException(
                $"Update of {n} weights: {gradientSum.Length} gradients, {newWeights.Length} new weights, " +
                $"{slots.Length} slots, {newSlots.Length} new slots; {TKernel.Slots} slots a weight.");
        }

        if (!(weightSum > 0 && float.IsFinite(weightSum)))
        {
            throw new ArgumentOutOfRangeException(nameof(weightSum), weightSum, "The weight sum is a positive number.");
        }

        if (Shifted(weights, newWeights) || Shifted(slots, newSlots) || gradientSum.Overlaps(newWeights)
            || gradientSum.Overlaps(newSlots) || newWeights.Overlaps(newSlots) || weights.Overlaps(newSlots) || slots.Overlaps(newWeights))
        {
            throw new ArgumentException("Update: the new values overlap an input that isn't their old value.");
        }

        fixed (float* g = gradientSum, w = weights, nw = newWeights, s = slots, ns = newSlots)
        {
            // Dividing by a power of two and multiplying by its reciprocal are the same number, rounded the same once.
            bool powerOfTwo = (BitConverter.SingleToInt32Bits(weightSum) & 0x7FFFFF) == 0 && weightSum is >= 1f and <= 1e30f;
            var call = new Call
            {
                Gradients = g,
                Weights = w,
                NewWeights = nw,
                Slots = s,
                NewSlots = ns,
                Count = n,
                Factor = powerOfTwo ? 1f / weightSum : weightSum,
                Multiply = powerOfTwo,
                Scale = gradientScale,
                Clip = gradientTerms.ClipValue,
                L2 = gradientTerms.L2,
                L1 = gradientTerms.L1,
            };
            switch (Lanes.Width)
            {
                case 16:
                    Loop<TKernel, Lane512, Vector512<float>>(coefficients, call);
                    break;
                case 8:
                    Loop<TKernel, Lane256, Vector256<float>>(coefficients, call);
                    break;
                case 4:
                    Loop<TKernel, Lane128, Vector128<float>>(coefficients, call);
                    break;
                default:
                    Loop<TKernel, ScalarLane, float>(coefficients, call);
                    break;
            }
        }
    }

    private static bool Shifted(ReadOnlySpan<float> old, ReadOnlySpan<float> fresh) => old.Overlaps(fresh, out int offset) && offset != 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Loop<TKernel, L, V>(in UpdateCoefficients<float> coefficients, in Call call)
        where TKernel : struct, IUpdateKernel
        where L : struct, ILane<V>
        where V : struct
    {
        UpdateCoefficients<V> spread = UpdateCoefficients<V>.Spread<L>(coefficients);
        Call local = call;
        var terms = new Terms<V>(L.Create(call.Factor), L.Create(call.Scale), L.Create(call.Clip), L.Create(call.L2), L.Create(call.L1), call);
        nint i = 0;
        for (; i <= local.Count - L.Width; i += L.Width)
        {
            Element<TKernel, L, V>(spread, local, terms, i, L.Width);
        }

        if (i < local.Count)
        {
            Element<TKernel, L, V>(spread, local, terms, i, (int)(local.Count - i));
        }
    }

    /// <summary>One vector; only the last may be partly filled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Element<TKernel, L, V>(in UpdateCoefficients<V> spread, in Call call, in Terms<V> terms, nint i, int count)
        where TKernel : struct, IUpdateKernel
        where L : struct, ILane<V>
        where V : struct
    {
        V g = Load<L, V>(call.Gradients + i, count);
        V w = Load<L, V>(call.Weights + i, count);
        V s0 = TKernel.Slots > 0 ? Load<L, V>(call.Slots + i, count) : default;
        V s1 = TKernel.Slots > 1 ? Load<L, V>(call.Slots + call.Count + i, count) : default;
        g = terms.Multiplies ? L.Multiply(g, terms.Factor) : L.Divide(g, terms.Factor);
        if (terms.Scales)
        {
            g = L.Multiply(g, terms.Scale);
        }

        if (terms.Clips)
        {
            g = Formulas.Clip<L, V>(g, terms.Clip);
        }

        if (terms.Decays)
        {
            g = L.Fma(terms.L2, w, g);
        }

        if (terms.Shrinks)
        {
            g = L.Fma(terms.L1, Formulas.Sign<L, V>(w), g);
        }

        w = TKernel.Apply<L, V>(spread, w, g, ref s0, ref s1);
        Store<L, V>(w, call.NewWeights + i, count);
        if (TKernel.Slots > 0)
        {
            Store<L, V>(Formulas.FlushTiny<L, V>(s0), call.NewSlots + i, count);
        }

        if (TKernel.Slots > 1)
        {
            Store<L, V>(Formulas.FlushTiny<L, V>(s1), call.NewSlots + call.Count + i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load<L, V>(float* address, int count)
        where L : struct, ILane<V>
        where V : struct => count == L.Width ? L.Load(address) : L.LoadPartial(address, count, 0f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<L, V>(V value, float* address, int count)
        where L : struct, ILane<V>
        where V : struct
    {
        if (count == L.Width)
        {
            L.Store(value, address);
        }
        else
        {
            L.StorePartial(value, address, count);
        }
    }

    private readonly struct Terms<V>(V factor, V scale, V clip, V l2, V l1, in Call call)
        where V : struct
    {
        public readonly V Factor = factor;
        public readonly V Scale = scale;
        public readonly V Clip = clip;
        public readonly V L2 = l2;
        public readonly V L1 = l1;
        public readonly bool Multiplies = call.Multiply;
        public readonly bool Scales = call.Scale != 1;
        public readonly bool Clips = call.Clip < float.PositiveInfinity;
        public readonly bool Decays = call.L2 != 0;
        public readonly bool Shrinks = call.L1 != 0;
    }

    private struct Call
    {
        public float* Gradients;
        public float* Weights;
        public float* NewWeights;
        public float* Slots;
        public float* NewSlots;
        public nint Count;
        public float Factor;
        public float Scale;
        public float Clip;
        public float L2;
        public float L1;
        public bool Multiply;
    }
}
