using System.Numerics;
using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>Inverted dropout with a mask that is a function of counters, so that it can be drawn again instead of being kept.</summary>
public static unsafe class DropoutMask
{
    /// <summary>Elements drawn at a time, on the stack; a multiple of 4, and any such number gives the same bits.</summary>
    private const int ChunkLength = 512;

    /// <summary>
    /// y = u &lt; rate ? +0 : x · (1 / (1 - rate)), u the uniform number of (seed, sample, pass, stream, element of the row). The same
    /// call on dy gives dx.
    /// </summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="pass">Pass over the data.</param>
    /// <param name="stream">What draws: <see cref="Philox.Stream"/> of its name.</param>
    /// <param name="samples">[rows], data-set index of each row.</param>
    /// <param name="length">Elements of a row.</param>
    /// <param name="rate">Share that is dropped, at least 0 and below 1.</param>
    /// <param name="x">[rows, length]</param>
    /// <param name="y">[rows, length]; may be x</param>
    /// <exception cref="ArgumentException">A length doesn't fit, the rate is out of range, or y is x shifted.</exception>
    public static void Apply(
        ForkJoinPool pool,
        ulong seed,
        uint pass,
        uint stream,
        ReadOnlySpan<int> samples,
        int length,
        float rate,
        ReadOnlySpan<float> x,
        Span<float> y)
    {
        ArgumentNullException.ThrowIfNull(pool);
        Matrix.Check("DropoutMask", samples.Length, length, x, y);
        if (!(rate >= 0 && rate < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "At least 0 and below 1.");
        }

        fixed (int* ps = samples)
        fixed (float* px = x, py = y)
        {
            var call = new Call { Seed = seed, Pass = pass, Stream = stream, Samples = ps, X = px, Y = py };
            call.Rows = samples.Length;
            call.Length = length;
            call.Rate = rate;
            pool.Run(Matrix.Parts(pool, samples.Length, length, out call.PartRows), &Part, &call);
        }
    }

    [SkipLocalsInit]
    private static void Part(void* context, int part)
    {
        var call = (Call*)context;
        float* uniform = stackalloc float[ChunkLength];
        int first = part * call->PartRows;
        int end = Math.Min(call->Rows, first + call->PartRows);
        for (int row = first; row < end; row++)
        {
            for (int start = 0; start < call->Length; start += ChunkLength)
            {
                int count = Math.Min(ChunkLength, call->Length - start);
                var drawn = new Span<float>(uniform, count);
                Philox.FillUniform(call->Seed, (uint)call->Samples[row], call->Pass, call->Stream, drawn, start);
                nint at = ((nint)row * call->Length) + start;
                KeepOrDrop(uniform, call->Rate, call->X + at, call->Y + at, count);
            }
        }
    }

    /// <summary>Vector of T is as wide as the machine likes: a selection and one product an element have the same bits at any width.</summary>
    private static void KeepOrDrop(float* uniform, float rate, float* x, float* y, int count)
    {
        float scale = 1 / (1 - rate);
        var rates = new Vector<float>(rate);
        int i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<int> dropped = Vector.LessThan(Vector.Load(uniform + i), rates);
            Vector.Store(Vector.ConditionalSelect(dropped, Vector<float>.Zero, Vector.Load(x + i) * scale), y + i);
        }

        for (; i < count; i++)
        {
            y[i] = uniform[i] < rate ? 0 : x[i] * scale;
        }
    }

    private struct Call
    {
        public ulong Seed;
        public uint Pass;
        public uint Stream;
        public int* Samples;
        public float* X;
        public float* Y;
        public int Rows;
        public int Length;
        public int PartRows;
        public float Rate;
    }
}
