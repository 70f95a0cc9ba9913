using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>What a pass over a slice's rows does.</summary>
internal enum BatchNormKind
{
    Statistics,
    GradientSums,
    Normalize,
    BackwardData,
}

/// <summary>A block of channels of one slice. Run in single floats (ScalarLane) it is its own reference.</summary>
internal unsafe struct BatchNormKernel : ILaneKernel
{
    /// <summary>Four vectors of 16: their chains run side by side, and a row of them is four cache lines.</summary>
    public const int BlockChannels = 64;

    public BatchNormKind Kind;
    public float* X;
    public float* Dy;
    public float* Y;
    public float* Mean;

    /// <summary>Of statistics the variance, which is written; else r.</summary>
    public float* Scale;
    public float* Gain;

    /// <summary>Sums of dy, which are written; a in the data's gradient; the gain of <see cref="BatchNormKind.Normalize"/>.</summary>
    public float* Sums;

    /// <summary>Products, which are written; b in the data's gradient; the bias of <see cref="BatchNormKind.Normalize"/>.</summary>
    public float* Products;
    public int* Starts;
    public int* Counts;
    public int Channels;
    public int Blocks;

    /// <summary>Without slices: all rows, and those of a part.</summary>
    public int Rows;
    public int PartRows;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<L, V>(int part)
        where L : struct, ILane<V>
        where V : struct
    {
        if (Starts == null)
        {
            int row = part * PartRows, rows = Math.Min(Rows - row, PartRows);
            for (int c = 0; c < Channels && rows > 0; c += L.Width)
            {
                Normalize<L, V>(((long)row * Channels) + c, rows, c, c, Channels - c);
            }

            return;
        }

        int leaf = part / Blocks, first = part % Blocks * BlockChannels;
        int end = Math.Min(first + BlockChannels, Channels);
        long start = (long)Starts[leaf] * Channels;
        for (int c = first; c < end; c += L.Width)
        {
            int count = end - c, place = (leaf * Channels) + c;
            switch (Kind)
            {
                case BatchNormKind.Statistics:
                    Moments<L, V>(X + start + c, Counts[leaf], place, count);
                    break;
                case BatchNormKind.GradientSums:
                    Gradients<L, V>(start + c, Counts[leaf], place, count);
                    break;
                case BatchNormKind.Normalize:
                    Normalize<L, V>(start + c, Counts[leaf], place, c, count);
                    break;
                default:
                    BackwardData<L, V>(start + c, Counts[leaf], place, c, count);
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Moments<L, V>(float* x, int rows, int place, int count)
        where L : struct, ILane<V>
        where V : struct
    {
        V sum = L.Create(0f), squares = L.Create(0f), n = L.Create(rows);
        float* end = x + ((long)rows * Channels);
        for (float* p = x; p < end; p += Channels)
        {
            sum = L.Add(sum, Tensors.Channels.Load<L, V>(p, count));
        }

        V mean = L.Divide(sum, n);
        for (float* p = x; p < end; p += Channels)
        {
            V d = L.Subtract(Tensors.Channels.Load<L, V>(p, count), mean);
            squares = L.Fma(d, d, squares);
        }

        Tensors.Channels.Store<L, V>(mean, Mean + place, count);
        Tensors.Channels.Store<L, V>(L.Divide(squares, n), Scale + place, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Gradients<L, V>(long start, int rows, int place, int count)
        where L : struct, ILane<V>
        where V : struct
    {
        V sum = L.Create(0f), products = L.Create(0f);
        V mean = Tensors.Channels.Load<L, V>(Mean + place, count), r = Tensors.Channels.Load<L, V>(Scale + place, count);
        long end = start + ((long)rows * Channels);
        for (long i = start; i < end; i += Channels)
        {
            V dy = Tensors.Channels.Load<L, V>(Dy + i, count);
            V h = L.Multiply(L.Subtract(Tensors.Channels.Load<L, V>(X + i, count), mean), r);
            sum = L.Add(sum, dy);
            products = L.Fma(dy, h, products);
        }

        Tensors.Channels.Store<L, V>(sum, Sums + place, count);
        Tensors.Channels.Store<L, V>(products, Products + place, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Normalize<L, V>(long start, int rows, int place, int c, int count)
        where L : struct, ILane<V>
        where V : struct
    {
        V mean = Tensors.Channels.Load<L, V>(Mean + place, count), r = Tensors.Channels.Load<L, V>(Scale + place, count);
        V gain = Tensors.Channels.Load<L, V>(Sums + c, count), bias = Tensors.Channels.Load<L, V>(Products + c, count);
        long end = start + ((long)rows * Channels);
        for (long i = start; i < end; i += Channels)
        {
            V h = L.Multiply(L.Subtract(Tensors.Channels.Load<L, V>(X + i, count), mean), r);
            Tensors.Channels.Store<L, V>(L.Fma(h, gain, bias), Y + i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void BackwardData<L, V>(long start, int rows, int place, int c, int count)
        where L : struct, ILane<V>
        where V : struct
    {
        V mean = Tensors.Channels.Load<L, V>(Mean + place, count), r = Tensors.Channels.Load<L, V>(Scale + place, count);
        V a = Tensors.Channels.Load<L, V>(Sums + place, count), b = Tensors.Channels.Load<L, V>(Products + place, count);
        V factor = L.Multiply(Tensors.Channels.Load<L, V>(Gain + c, count), r);
        long end = start + ((long)rows * Channels);
        for (long i = start; i < end; i += Channels)
        {
            V h = L.Multiply(L.Subtract(Tensors.Channels.Load<L, V>(X + i, count), mean), r);
            V d = L.Fma(L.Xor(h, L.Create(-0f)), b, L.Subtract(Tensors.Channels.Load<L, V>(Dy + i, count), a));
            Tensors.Channels.Store<L, V>(L.Multiply(factor, d), Y + i, count);
        }
    }
}
