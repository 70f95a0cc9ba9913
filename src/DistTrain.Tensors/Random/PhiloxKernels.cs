using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistTrain.Tensors;

/// <summary>What is the same for all blocks of a run.</summary>
internal readonly record struct PhiloxCounter(ulong Seed, uint Sample, uint Pass, uint Stream);

/// <summary>
/// Philox for as many counters at once as a vector has 64-bit elements. Words live in the low halves; the high halves are
/// whatever the last operation left there, because the widening multiplication and the final interleaving don't read them.
/// </summary>
internal static unsafe class PhiloxKernels
{
    /// <summary>Writes 4 uniform numbers for each of the first blocks and returns how many blocks it did: those that fill vectors.</summary>
    public static int Uniform(PhiloxCounter counter, uint firstBlock, float* values, int blocks)
    {
        if (Avx512F.IsSupported && Lanes.Width >= 16)
        {
            return Run<Words512, Vector512<ulong>>(counter, firstBlock, values, blocks);
        }

        if (Avx2.IsSupported && Lanes.Width >= 8)
        {
            return Run<Words256, Vector256<ulong>>(counter, firstBlock, values, blocks);
        }

        if (Sse2.IsSupported && Lanes.Width >= 4)
        {
            return Run<Words128, Vector128<ulong>>(counter, firstBlock, values, blocks);
        }

        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Run<W, V>(PhiloxCounter counter, uint firstBlock, float* values, int blocks)
        where W : struct, IWords<V>
        where V : struct
    {
        V m0 = W.Create(Philox.Multiplier0), m1 = W.Create(Philox.Multiplier1);
        V sample = W.Create(counter.Sample), pass = W.Create(counter.Pass), stream = W.Create(counter.Stream);
        int done = 0;
        for (; done <= blocks - W.Count; done += W.Count)
        {
            V c0 = W.Counters(firstBlock + (uint)done), c1 = sample, c2 = pass, c3 = stream;
            uint k0 = (uint)counter.Seed, k1 = (uint)(counter.Seed >> 32);
            for (int round = 0; round < Philox.Rounds; round++)
            {
                V p0 = W.Multiply(c0, m0), p1 = W.Multiply(c2, m1);
                c0 = W.Xor(W.Xor(W.High(p1), c1), W.Create(k0));
                c1 = p1;
                c2 = W.Xor(W.Xor(W.High(p0), c3), W.Create(k1));
                c3 = p0;
                k0 += Philox.KeyStep0;
                k1 += Philox.KeyStep1;
            }

            W.StoreUniform(c0, c1, c2, c3, values + (4 * done));
        }

        return done;
    }

    private interface IWords<V>
        where V : struct
    {
        static abstract int Count { get; }

        static abstract V Create(uint value);

        /// <summary>Counters first ... first + Count - 1, in the order in which <see cref="StoreUniform"/> undoes.</summary>
        static abstract V Counters(uint first);

        /// <summary>Low half times low half.</summary>
        static abstract V Multiply(V a, V b);

        static abstract V Xor(V a, V b);

        static abstract V High(V a);

        /// <summary>Word w of counter i goes to values[4 i + w].</summary>
        static abstract void StoreUniform(V w0, V w1, V w2, V w3, float* values);
    }

    private readonly struct Words128 : IWords<Vector128<ulong>>
    {
        public static int Count => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<ulong> Create(uint value) => Vector128.Create((ulong)value);

        // Interleaving below puts the even elements' words first and the odd elements' after them.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<ulong> Counters(uint first) =>
            Vector128.Create((ulong)first) + Vector128.Create(0ul, 1ul);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<ulong> Multiply(Vector128<ulong> a, Vector128<ulong> b) => Sse2.Multiply(a.AsUInt32(), b.AsUInt32());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<ulong> Xor(Vector128<ulong> a, Vector128<ulong> b) => a ^ b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<ulong> High(Vector128<ulong> a) => a >>> 32;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void StoreUniform(Vector128<ulong> w0, Vector128<ulong> w1, Vector128<ulong> w2, Vector128<ulong> w3, float* values)
        {
            Vector128<ulong> mask = Create(uint.MaxValue);
            Vector128<ulong> first = (w0 & mask) | (w1 << 32), second = (w2 & mask) | (w3 << 32);
            Vector128.Store(ToUniform(Sse2.UnpackLow(first, second)), values);
            Vector128.Store(ToUniform(Sse2.UnpackHigh(first, second)), values + 4);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<float> ToUniform(Vector128<ulong> words) =>
            Vector128.ConvertToSingle((words.AsUInt32() >>> 8).AsInt32()) * Vector128.Create(5.9604645e-08f);
    }

    private readonly struct Words256 : IWords<Vector256<ulong>>
    {
        public static int Count => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> Create(uint value) => Vector256.Create((ulong)value);

        // Interleaving below puts the even elements' words first and the odd elements' after them.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> Counters(uint first) =>
            Vector256.Create((ulong)first) + Vector256.Create(0ul, 2ul, 1ul, 3ul);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> Multiply(Vector256<ulong> a, Vector256<ulong> b) => Avx2.Multiply(a.AsUInt32(), b.AsUInt32());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> Xor(Vector256<ulong> a, Vector256<ulong> b) => a ^ b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> High(Vector256<ulong> a) => a >>> 32;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void StoreUniform(Vector256<ulong> w0, Vector256<ulong> w1, Vector256<ulong> w2, Vector256<ulong> w3, float* values)
        {
            Vector256<ulong> mask = Create(uint.MaxValue);
            Vector256<ulong> first = (w0 & mask) | (w1 << 32), second = (w2 & mask) | (w3 << 32);
            Vector256.Store(ToUniform(Avx2.UnpackLow(first, second)), values);
            Vector256.Store(ToUniform(Avx2.UnpackHigh(first, second)), values + 8);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> ToUniform(Vector256<ulong> words) =>
            Vector256.ConvertToSingle((words.AsUInt32() >>> 8).AsInt32()) * Vector256.Create(5.9604645e-08f);
    }

    private readonly struct Words512 : IWords<Vector512<ulong>>
    {
        public static int Count => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Create(uint value) => Vector512.Create((ulong)value);

        // Interleaving below puts the even elements' words first and the odd elements' after them.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Counters(uint first) =>
            Vector512.Create((ulong)first) + Vector512.Create(0ul, 4ul, 1ul, 5ul, 2ul, 6ul, 3ul, 7ul);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Multiply(Vector512<ulong> a, Vector512<ulong> b) => Avx512F.Multiply(a.AsUInt32(), b.AsUInt32());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Xor(Vector512<ulong> a, Vector512<ulong> b) => a ^ b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> High(Vector512<ulong> a) => a >>> 32;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void StoreUniform(Vector512<ulong> w0, Vector512<ulong> w1, Vector512<ulong> w2, Vector512<ulong> w3, float* values)
        {
            Vector512<ulong> mask = Create(uint.MaxValue);
            Vector512<ulong> first = (w0 & mask) | (w1 << 32), second = (w2 & mask) | (w3 << 32);
            Vector512.Store(ToUniform(Avx512F.UnpackLow(first, second)), values);
            Vector512.Store(ToUniform(Avx512F.UnpackHigh(first, second)), values + 16);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> ToUniform(Vector512<ulong> words) =>
            Vector512.ConvertToSingle((words.AsUInt32() >>> 8).AsInt32()) * Vector512.Create(5.9604645e-08f);
    }
}
