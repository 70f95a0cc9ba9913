using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>Average pooling, vectorised over channels: one chain of operations an element, so the vector width can't show.</summary>
internal static unsafe class AveragePooling
{
    private static int Lanes => Vector256<float>.Count;

    internal static void Forward(void* context, int part)
    {
        PoolingJob* job = (PoolingJob*)context;
        PoolingShape s = job->Shape;
        for (long row = job->Start(part); row < job->Start(part + 1); row++)
        {
            float* x = job->X + (row / s.OutHeight * s.InLength);
            float* y = job->Y + (row * s.OutWidth * s.Channels);
            for (int ox = 0; ox < s.OutWidth; ox++, y += s.Channels)
            {
                Mean(s, new PoolingWindow(s, (int)(row % s.OutHeight), ox), x, y);
            }
        }
    }

    internal static void Backward(void* context, int part)
    {
        PoolingJob* job = (PoolingJob*)context;
        PoolingShape s = job->Shape;
        for (long sample = job->Start(part); sample < job->Start(part + 1); sample++)
        {
            float* dx = job->Dx + (sample * s.InLength), dy = job->Dy + (sample * s.OutLength);
            new Span<float>(dx, s.InLength).Clear();
            for (int oy = 0; oy < s.OutHeight; oy++)
            {
                for (int ox = 0; ox < s.OutWidth; ox++, dy += s.Channels)
                {
                    Spread(s, new PoolingWindow(s, oy, ox), dy, dx);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mean(in PoolingShape s, in PoolingWindow window, float* x, float* y)
    {
        nint channels = s.Channels, rowFloats = channels * s.InWidth;
        int height = window.Bottom - window.Top, width = window.Right - window.Left;
        float* first = x + (window.Top * rowFloats) + (window.Left * channels);
        float count = window.Positions;
        nint c = 0;
        for (; c <= channels - Lanes; c += Lanes)
        {
            var sum = Vector256<float>.Zero;
            float* row = first + c;
            for (int iy = 0; iy < height; iy++, row += rowFloats)
            {
                float* p = row;
                for (int ix = 0; ix < width; ix++, p += channels)
                {
                    sum += Vector256.Load(p);
                }
            }

            (sum / Vector256.Create(count)).Store(y + c);
        }

        for (; c < channels; c++)
        {
            float sum = 0;
            for (int iy = 0; iy < height; iy++)
            {
                for (int ix = 0; ix < width; ix++)
                {
                    sum += first[(iy * rowFloats) + (ix * channels) + c];
                }
            }

            y[c] = sum / count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(in PoolingShape s, in PoolingWindow window, float* dy, float* dx)
    {
        nint channels = s.Channels, rowFloats = channels * s.InWidth;
        int height = window.Bottom - window.Top, width = window.Right - window.Left;
        float* first = dx + (window.Top * rowFloats) + (window.Left * channels);
        float count = window.Positions;
        nint c = 0;
        for (; c <= channels - Lanes; c += Lanes)
        {
            var share = Vector256.Load(dy + c) / Vector256.Create(count);
            float* row = first + c;
            for (int iy = 0; iy < height; iy++, row += rowFloats)
            {
                float* p = row;
                for (int ix = 0; ix < width; ix++, p += channels)
                {
                    (Vector256.Load(p) + share).Store(p);
                }
            }
        }

        for (; c < channels; c++)
        {
            float share = dy[c] / count;
            for (int iy = 0; iy < height; iy++)
            {
                for (int ix = 0; ix < width; ix++)
                {
                    first[(iy * rowFloats) + (ix * channels) + c] += share;
                }
            }
        }
    }
}
