using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <content>Runs of random numbers.</content>
public static unsafe partial class Philox
{
    /// <summary>Pairs that <see cref="FillNormal"/> works on at a time; any number gives the same bits.</summary>
    private const int NormalPairs = 128;

    /// <summary>values[i] = uniform number of element firstElement + i, in [0, 1).</summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="sample">Data-set index of the sample, 0 for what belongs to no sample.</param>
    /// <param name="pass">Pass over the data, 0 for what is drawn once.</param>
    /// <param name="stream">What draws: <see cref="Stream"/> of its name.</param>
    /// <param name="values">Overwritten.</param>
    /// <param name="firstElement">A multiple of 4.</param>
    public static void FillUniform(ulong seed, uint sample, uint pass, uint stream, Span<float> values, long firstElement = 0)
    {
        uint block = FirstBlock(firstElement, values.Length);
        fixed (float* p = values)
        {
            int whole = values.Length / 4;
            int done = PhiloxKernels.Uniform(new PhiloxCounter(seed, sample, pass, stream), block, p, whole);
            for (int i = 4 * done; i < values.Length; i += 4)
            {
                PhiloxBlock words = Block(seed, block + (uint)(i / 4), sample, pass, stream);
                for (int w = 0; w < Math.Min(4, values.Length - i); w++)
                {
                    p[i + w] = ToUniform(words[w]);
                }
            }
        }
    }

    /// <summary>
    /// Standard normal numbers by Box and Muller (1958): elements 2j and 2j + 1 are √(-2 ln u) cos 2πv and √(-2 ln u) sin 2πv, with
    /// u = uniform of element 2j plus 2⁻²⁴ (so never 0) and v = uniform of element 2j + 1.
    /// </summary>
    /// <inheritdoc cref="FillUniform"/>
    public static void FillNormal(ulong seed, uint sample, uint pass, uint stream, Span<float> values, long firstElement = 0)
    {
        FirstBlock(firstElement, values.Length);
        Span<float> words = stackalloc float[2 * NormalPairs];
        Span<float> radius = stackalloc float[NormalPairs];
        Span<float> cosine = stackalloc float[NormalPairs];
        Span<float> sine = stackalloc float[NormalPairs];
        ForkJoinPool pool = ForkJoinPool.Single;
        for (int start = 0; start < values.Length; start += words.Length)
        {
            FillUniform(seed, sample, pass, stream, words, firstElement + start);
            for (int j = 0; j < NormalPairs; j++)
            {
                radius[j] = words[2 * j] + 5.9604645e-08f;
                cosine[j] = words[(2 * j) + 1] * 6.28318531f;
            }

            Elementwise.Log(pool, radius, radius);
            Elementwise.Scale(pool, radius, -2f, radius);
            Elementwise.Sqrt(pool, radius, radius);
            Elementwise.Sin(pool, cosine, sine);
            Elementwise.Cos(pool, cosine, cosine);
            int count = Math.Min(words.Length, values.Length - start);
            for (int i = 0; i < count; i++)
            {
                values[start + i] = radius[i / 2] * ((i & 1) == 0 ? cosine[i / 2] : sine[i / 2]);
            }
        }
    }

    /// <summary>
    /// mask[r, c] = u &lt; rate ? 0 : 1 / (1 - rate), where u is the uniform number of element c of sample samples[r]: so a sample's
    /// mask doesn't depend on where in which batch it stands.
    /// </summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Samples.</param>
    /// <param name="cols">Elements of a sample.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="samples">[rows], data-set index of each row's sample</param>
    /// <param name="pass">Pass over the data.</param>
    /// <param name="stream">What draws: <see cref="Stream"/> of the op's name.</param>
    /// <param name="rate">Share that is dropped, in [0, 1).</param>
    /// <param name="mask">[rows, cols]</param>
    public static void FillDropoutMask(
        ForkJoinPool pool,
        int rows,
        int cols,
        ulong seed,
        ReadOnlySpan<int> samples,
        uint pass,
        uint stream,
        float rate,
        Span<float> mask)
    {
        Matrix.Check("FillDropoutMask", rows, cols, mask);
        if (samples.Length != rows)
        {
            throw new ArgumentException($"FillDropoutMask: {samples.Length} samples for {rows} rows.");
        }

        if (!(rate >= 0 && rate < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "The dropout rate is in [0, 1).");
        }

        fixed (float* p = mask)
        fixed (int* s = samples)
        {
            var call = new DropoutCall { Mask = p, Samples = s, Rows = rows, Cols = cols, Seed = seed, Pass = pass, Stream = stream, Rate = rate };
            pool.Run(Matrix.Parts(pool, rows, cols, out call.PartRows), &DropoutPart, &call);
        }
    }

    private static void DropoutPart(void* context, int part)
    {
        var call = (DropoutCall*)context;
        int end = Math.Min(call->Rows, (part + 1) * call->PartRows);
        var op = new DropoutOp(call->Rate, 1f / (1f - call->Rate));
        for (int row = part * call->PartRows; row < end; row++)
        {
            var values = new Span<float>(call->Mask + ((long)row * call->Cols), call->Cols);
            FillUniform(call->Seed, (uint)call->Samples[row], call->Pass, call->Stream, values);
            ElementwiseDriver.Run(ForkJoinPool.Single, op, values, values);
        }
    }

    private static uint FirstBlock(long firstElement, int count)
    {
        if (firstElement < 0 || (firstElement & 3) != 0 || firstElement + count > 1L << 34)
        {
            throw new ArgumentOutOfRangeException(
                nameof(firstElement), firstElement, "The first element is a multiple of 4, and all are below 2^34.");
        }

        return (uint)(firstElement >> 2);
    }

    private readonly struct DropoutOp(float rate, float kept) : IElementwise
    {
        public static int Inputs => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<L, V>(V a, V b, V c)
            where L : struct, ILane<V>
            where V : struct => L.Select(L.Less(a, L.Create(rate)), L.Create(0f), L.Create(kept));
    }

    private struct DropoutCall
    {
        public float* Mask;
        public int* Samples;
        public int Rows;
        public int Cols;
        public int PartRows;
        public ulong Seed;
        public uint Pass;
        public uint Stream;
        public float Rate;
    }
}
