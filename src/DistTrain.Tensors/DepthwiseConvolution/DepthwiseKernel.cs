using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>Which of the three passes.</summary>
internal enum DepthwiseKind
{
    Forward,
    BackwardData,
    BackwardWeights,
}

/// <summary>A row of y, a sample of dx, or one tap of one slice. Run in single floats (ScalarLane) it is its own reference.</summary>
internal unsafe struct DepthwiseKernel : ILaneKernel
{
    public DepthwiseKind Kind;
    public PoolingShape Shape;
    public float* X;
    public float* W;

    /// <summary>y, or dy.</summary>
    public float* Y;
    public float* Leaves;
    public int* Starts;
    public int* Counts;

    public readonly void Run<L, V>(int part)
        where L : struct, ILane<V>
        where V : struct
    {
        switch (Kind)
        {
            case DepthwiseKind.Forward:
                Forward<L, V>(part);
                break;
            case DepthwiseKind.BackwardData:
                BackwardData<L, V>(part);
                break;
            default:
                BackwardWeights<L, V>(part);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Forward<L, V>(int row)
        where L : struct, ILane<V>
        where V : struct
    {
        int channels = Shape.Channels, oy = row % Shape.OutHeight, rowFloats = Shape.InWidth * channels;
        float* x = X + ((long)(row / Shape.OutHeight) * Shape.InLength), y = Y + ((long)row * Shape.OutWidth * channels);
        for (int ox = 0; ox < Shape.OutWidth; ox++, y += channels)
        {
            var window = new PoolingWindow(Shape, oy, ox);
            int top = window.Top + Shape.PadTop - (oy * Shape.StrideHeight), left = window.Left + Shape.PadLeft - (ox * Shape.StrideWidth);
            float* corner = x + (window.Top * rowFloats) + (window.Left * channels);
            float* taps = W + (((top * Shape.PoolWidth) + left) * channels);
            int height = window.Bottom - window.Top, width = window.Right - window.Left;
            int c = 0;
            for (; c <= channels - (2 * L.Width); c += 2 * L.Width)
            {
                V first = L.Create(0f), second = L.Create(0f);
                for (int i = 0; i < height; i++)
                {
                    float* px = corner + c + (i * rowFloats), pw = taps + c + (i * Shape.PoolWidth * channels);
                    for (int j = 0; j < width; j++, px += channels, pw += channels)
                    {
                        first = L.Fma(L.Load(px), L.Load(pw), first);
                        second = L.Fma(L.Load(px + L.Width), L.Load(pw + L.Width), second);
                    }
                }

                L.Store(first, y + c);
                L.Store(second, y + c + L.Width);
            }

            for (; c < channels; c += L.Width)
            {
                V acc = L.Create(0f);
                for (int i = 0; i < height; i++)
                {
                    float* px = corner + c + (i * rowFloats), pw = taps + c + (i * Shape.PoolWidth * channels);
                    for (int j = 0; j < width; j++, px += channels, pw += channels)
                    {
                        acc = L.Fma(Channels.Load<L, V>(px, channels - c), Channels.Load<L, V>(pw, channels - c), acc);
                    }
                }

                Channels.Store<L, V>(acc, y + c, channels - c);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void BackwardData<L, V>(int sample)
        where L : struct, ILane<V>
        where V : struct
    {
        int channels = Shape.Channels, rowFloats = Shape.InWidth * channels;
        float* dx = X + ((long)sample * Shape.InLength), dy = Y + ((long)sample * Shape.OutLength);
        new Span<float>(dx, Shape.InLength).Clear();
        for (int o = 0; o < Shape.OutHeight * Shape.OutWidth; o++, dy += channels)
        {
            int oy = o / Shape.OutWidth, ox = o % Shape.OutWidth;
            var window = new PoolingWindow(Shape, oy, ox);
            int top = window.Top + Shape.PadTop - (oy * Shape.StrideHeight), left = window.Left + Shape.PadLeft - (ox * Shape.StrideWidth);
            float* corner = dx + (window.Top * rowFloats) + (window.Left * channels);
            float* taps = W + (((top * Shape.PoolWidth) + left) * channels);
            int height = window.Bottom - window.Top, width = window.Right - window.Left;
            for (int c = 0; c < channels; c += L.Width)
            {
                int count = channels - c;
                V d = Channels.Load<L, V>(dy + c, count);
                for (int i = 0; i < height; i++)
                {
                    float* px = corner + c + (i * rowFloats), pw = taps + c + (i * Shape.PoolWidth * channels);
                    for (int j = 0; j < width; j++, px += channels, pw += channels)
                    {
                        V sum = L.Fma(d, Channels.Load<L, V>(pw, count), Channels.Load<L, V>(px, count));
                        Channels.Store<L, V>(sum, px, count);
                    }
                }
            }
        }
    }

    /// <summary>Four vectors of channels at a time, so that four chains run side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void BackwardWeights<L, V>(int part)
        where L : struct, ILane<V>
        where V : struct
    {
        int taps = Shape.PoolHeight * Shape.PoolWidth, channels = Shape.Channels, leaf = part / taps, tap = part % taps;
        float* dw = Leaves + ((long)part * channels);
        int c = 0;
        for (; c <= channels - (4 * L.Width); c += 4 * L.Width)
        {
            V a0 = L.Create(0f), a1 = L.Create(0f), a2 = L.Create(0f), a3 = L.Create(0f);
            var walk = new TapWalk(Shape, tap, Starts[leaf], Counts[leaf]);
            while (walk.NextRow())
            {
                float* x = X + walk.X + c, dy = Y + walk.Dy + c;
                for (int i = 0; i < walk.Count; i++, x += walk.Step, dy += channels)
                {
                    a0 = L.Fma(L.Load(x), L.Load(dy), a0);
                    a1 = L.Fma(L.Load(x + L.Width), L.Load(dy + L.Width), a1);
                    a2 = L.Fma(L.Load(x + (2 * L.Width)), L.Load(dy + (2 * L.Width)), a2);
                    a3 = L.Fma(L.Load(x + (3 * L.Width)), L.Load(dy + (3 * L.Width)), a3);
                }
            }

            L.Store(a0, dw + c);
            L.Store(a1, dw + c + L.Width);
            L.Store(a2, dw + c + (2 * L.Width));
            L.Store(a3, dw + c + (3 * L.Width));
        }

        for (; c < channels; c += L.Width)
        {
            int count = channels - c;
            V acc = L.Create(0f);
            var walk = new TapWalk(Shape, tap, Starts[leaf], Counts[leaf]);
            while (walk.NextRow())
            {
                float* x = X + walk.X + c, dy = Y + walk.Dy + c;
                for (int i = 0; i < walk.Count; i++, x += walk.Step, dy += channels)
                {
                    acc = L.Fma(Channels.Load<L, V>(x, count), Channels.Load<L, V>(dy, count), acc);
                }
            }

            Channels.Store<L, V>(acc, dw + c, count);
        }
    }
}
