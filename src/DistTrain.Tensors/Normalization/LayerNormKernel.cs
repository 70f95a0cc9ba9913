using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>What a pass over the rows writes.</summary>
internal enum LayerNormKind
{
    Forward,
    Backward,
    GainTerms,
}

/// <summary>Rows of <see cref="LayerNorm"/>, with L of 16 lanes.</summary>
internal unsafe struct LayerNormKernel : ILaneKernel
{
    public LayerNormKind Kind;
    public float* X;
    public float* Dy;
    public float* Gain;
    public float* Bias;
    public float* Y;
    public int Rows;
    public int Cols;
    public int PartRows;
    public float Epsilon;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<L, V>(int part)
        where L : struct, ILane<V>
        where V : struct
    {
        float* memory = stackalloc float[SixteenLanes.BlockLength];
        float* block = SixteenLanes.Align(memory);
        int end = Math.Min(Rows, (part + 1) * PartRows);
        for (int row = part * PartRows; row < end; row++)
        {
            long start = (long)row * Cols;
            float* x = X + start;
            float mean = SixteenLanes.Row<SumFold, L, V>(x, Cols, block) / Cols;
            float variance = SumOfSquares<L, V>(x, mean, block) / Cols;
            float r = 1 / MathF.Sqrt(variance + Epsilon);
            switch (Kind)
            {
                case LayerNormKind.Forward:
                    Normalize<L, V>(x, Y + start, L.Create(mean), L.Create(r));
                    break;
                case LayerNormKind.Backward:
                    Backward<L, V>(x, Dy + start, Y + start, mean, r, block);
                    break;
                default:
                    Terms<L, V>(x, Dy + start, Y + start, L.Create(mean), L.Create(r));
                    break;
            }
        }
    }

    /// <summary>Lane l from +0: fma(d, d, lane) over elements l, l + 16, ...; an absent lane is +0, and so is its square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float SumOfSquares<L, V>(float* x, float mean, float* block)
        where L : struct, ILane<V>
        where V : struct
    {
        V lanes = L.Create(0f), shift = L.Create(mean);
        for (int i = 0; i < Cols; i += 16)
        {
            int count = Cols - i;
            V d = L.Subtract(count >= 16 ? L.Load(x + i) : L.LoadPartial(x + i, count, mean), shift);
            lanes = L.Fma(d, d, lanes);
        }

        return SixteenLanes.Tree<SumFold, L, V>(lanes, block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Normalize<L, V>(float* x, float* y, V mean, V r)
        where L : struct, ILane<V>
        where V : struct
    {
        for (int i = 0; i < Cols; i += 16)
        {
            int count = Cols - i;
            V h = L.Multiply(L.Subtract(Channels.Load<L, V>(x + i, count), mean), r);
            if (Gain != null)
            {
                V gain = Channels.Load<L, V>(Gain + i, count);
                h = Bias != null ? L.Fma(h, gain, Channels.Load<L, V>(Bias + i, count)) : L.Multiply(h, gain);
            }
            else if (Bias != null)
            {
                h = L.Add(h, Channels.Load<L, V>(Bias + i, count));
            }

            Channels.Store<L, V>(h, y + i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Terms<L, V>(float* x, float* dy, float* terms, V mean, V r)
        where L : struct, ILane<V>
        where V : struct
    {
        for (int i = 0; i < Cols; i += 16)
        {
            int count = Cols - i;
            V h = L.Multiply(L.Subtract(Channels.Load<L, V>(x + i, count), mean), r);
            Channels.Store<L, V>(L.Multiply(Channels.Load<L, V>(dy + i, count), h), terms + i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Backward<L, V>(float* x, float* dy, float* dx, float mean, float r, float* block)
        where L : struct, ILane<V>
        where V : struct
    {
        V shift = L.Create(mean), scale = L.Create(r), sums = L.Create(0f), products = L.Create(0f);
        for (int i = 0; i < Cols; i += 16)
        {
            int count = Cols - i;
            V h = L.Multiply(L.Subtract(count >= 16 ? L.Load(x + i) : L.LoadPartial(x + i, count, mean), shift), scale);
            V g = count >= 16 ? L.Load(dy + i) : L.LoadPartial(dy + i, count, 0f);
            g = Gain != null ? L.Multiply(g, Channels.Load<L, V>(Gain + i, count)) : g;
            sums = L.Add(sums, g);
            products = L.Fma(g, h, products);
        }

        V a = L.Create(SixteenLanes.Tree<SumFold, L, V>(sums, block) / Cols);
        V b = L.Create(SixteenLanes.Tree<SumFold, L, V>(products, block) / Cols);
        for (int i = 0; i < Cols; i += 16)
        {
            int count = Cols - i;
            V h = L.Multiply(L.Subtract(Channels.Load<L, V>(x + i, count), shift), scale);
            V g = Channels.Load<L, V>(dy + i, count);
            g = Gain != null ? L.Multiply(g, Channels.Load<L, V>(Gain + i, count)) : g;
            V negative = L.Xor(h, L.Create(-0f));
            Channels.Store<L, V>(L.Multiply(scale, L.Fma(negative, b, L.Subtract(g, a))), dx + i, count);
        }
    }
}
