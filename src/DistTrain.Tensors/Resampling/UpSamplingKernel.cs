using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>One sample of <see cref="UpSampling"/>. Run in single floats (ScalarLane) it is its own reference.</summary>
internal unsafe struct UpSamplingKernel : ILaneKernel
{
    public UpSamplingShape Size;
    public float* X;
    public float* Y;
    public bool Backward;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<L, V>(int part)
        where L : struct, ILane<V>
        where V : struct
    {
        int channels = Size.Channels, outWidth = Size.Width * Size.FactorWidth, outHeight = Size.Height * Size.FactorHeight;
        float* x = X + ((long)part * Size.InLength), y = Y + ((long)part * Size.OutLength);
        if (Backward)
        {
            new Span<float>(x, Size.InLength).Clear();
        }

        for (int oy = 0; oy < outHeight; oy++)
        {
            var rows = new Neighbours(oy, Size.FactorHeight, Size.Height, Size.Bilinear);
            for (int ox = 0; ox < outWidth; ox++, y += channels)
            {
                var columns = new Neighbours(ox, Size.FactorWidth, Size.Width, Size.Bilinear);
                float* first = x + (rows.First * Size.Width * channels), second = x + (rows.Second * Size.Width * channels);
                if (!Size.Bilinear)
                {
                    Repeat<L, V>(first + (columns.First * channels), y);
                    continue;
                }

                Blend<L, V>(first + (columns.First * channels), rows.Low * columns.Low, y, begins: true);
                Blend<L, V>(first + (columns.Second * channels), rows.Low * columns.High, y, begins: false);
                Blend<L, V>(second + (columns.First * channels), rows.High * columns.Low, y, begins: false);
                Blend<L, V>(second + (columns.Second * channels), rows.High * columns.High, y, begins: false);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Repeat<L, V>(float* x, float* y)
        where L : struct, ILane<V>
        where V : struct
    {
        for (int c = 0; c < Size.Channels; c += L.Width)
        {
            int count = Size.Channels - c;
            if (Backward)
            {
                Channels.Store<L, V>(L.Add(Channels.Load<L, V>(x + c, count), Channels.Load<L, V>(y + c, count)), x + c, count);
            }
            else
            {
                Channels.Store<L, V>(Channels.Load<L, V>(x + c, count), y + c, count);
            }
        }
    }

    /// <summary>One neighbour's share: of y, which begins at +0, or of the neighbour's gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Blend<L, V>(float* x, float weight, float* y, bool begins)
        where L : struct, ILane<V>
        where V : struct
    {
        V factor = L.Create(weight);
        for (int c = 0; c < Size.Channels; c += L.Width)
        {
            int count = Size.Channels - c;
            V px = Channels.Load<L, V>(x + c, count);
            if (Backward)
            {
                Channels.Store<L, V>(L.Fma(factor, Channels.Load<L, V>(y + c, count), px), x + c, count);
            }
            else
            {
                V acc = begins ? L.Create(0f) : Channels.Load<L, V>(y + c, count);
                Channels.Store<L, V>(L.Fma(factor, px, acc), y + c, count);
            }
        }
    }

    /// <summary>Where an output lies between two inputs of an axis.</summary>
    private readonly struct Neighbours
    {
        public readonly int First;
        public readonly int Second;
        public readonly float Low;
        public readonly float High;

        public Neighbours(int output, int factor, int size, bool bilinear)
        {
            if (!bilinear)
            {
                First = Second = output / factor;
                Low = 1;
                High = 0;
                return;
            }

            float place = Math.Max(((output + 0.5f) / factor) - 0.5f, 0f);
            First = (int)place;
            Second = Math.Min(First + 1, size - 1);
            High = place - First;
            Low = 1 - High;
        }
    }
}
