using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>
/// Maximum pooling, vectorised over channels. Comparing and selecting don't round, so the vector width can't show. The
/// backward pass finds each maximum again from x and y: reading x is cheaper than writing and reading a tensor of indices.
/// Loops skip tiering: the first steps of a short run would otherwise spend up to ten times as long here.
/// </summary>
internal static unsafe class MaxPooling
{
    private static int Lanes => Vector256<float>.Count;

    internal static void Forward(void* context, int part)
    {
        PoolingJob* job = (PoolingJob*)context;
        PoolingShape s = job->Shape;
        bool pairs = IsPairs(s);
        for (long row = job->Start(part); row < job->Start(part + 1); row++)
        {
            long sample = row / s.OutHeight;
            int oy = (int)(row % s.OutHeight);
            float* x = job->X + (sample * s.InLength);
            float* y = job->Y + (row * s.OutWidth * s.Channels);
            if (pairs)
            {
                ForwardPairs(s, x + (2L * oy * s.InWidth * s.Channels), y);
            }
            else
            {
                ForwardRow(s, x, y, oy);
            }
        }
    }

    internal static void Backward(void* context, int part)
    {
        PoolingJob* job = (PoolingJob*)context;
        PoolingShape s = job->Shape;
        for (long sample = job->Start(part); sample < job->Start(part + 1); sample++)
        {
            float* x = job->X + (sample * s.InLength), dx = job->Dx + (sample * s.InLength);
            float* y = job->Y + (sample * s.OutLength), dy = job->Dy + (sample * s.OutLength);
            if (IsPairs(s))
            {
                BackwardPairs(s, x, y, dy, dx);
            }
            else
            {
                BackwardSample(s, x, y, dy, dx);
            }
        }
    }

    /// <summary>2x2 windows side by side: what nearly every network uses.</summary>
    private static bool IsPairs(in PoolingShape s) =>
        s is { PoolHeight: 2, PoolWidth: 2, StrideHeight: 2, StrideWidth: 2, PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 };

    private static Vector256<float> Larger(Vector256<float> m, Vector256<float> v) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(v, m) | ~Vector256.Equals(v, v), v, m);

    private static float Larger(float m, float v) => v > m || float.IsNaN(v) ? v : m;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardPairs(in PoolingShape s, float* top, float* y)
    {
        nint channels = s.Channels, rowFloats = channels * s.InWidth;
        for (int ox = s.OutWidth; ox > 0; ox--, top += channels)
        {
            float* end = top + channels;
            for (; end - top >= Lanes; top += Lanes, y += Lanes)
            {
                float* bottom = top + rowFloats;
                var m = Larger(Vector256.Load(top), Vector256.Load(top + channels));
                m = Larger(Larger(m, Vector256.Load(bottom)), Vector256.Load(bottom + channels));
                m.Store(y);
            }

            for (; top != end; top++, y++)
            {
                float* bottom = top + rowFloats;
                *y = Larger(Larger(Larger(*top, top[channels]), *bottom), bottom[channels]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardRow(in PoolingShape s, float* x, float* y, int oy)
    {
        nint channels = s.Channels, rowFloats = channels * s.InWidth;
        for (int ox = 0; ox < s.OutWidth; ox++, y += channels)
        {
            var window = new PoolingWindow(s, oy, ox);
            float* first = x + (window.Top * rowFloats) + (window.Left * channels);
            int height = window.Bottom - window.Top, width = window.Right - window.Left;
            nint c = 0;
            for (; c <= channels - Lanes; c += Lanes)
            {
                var m = Vector256.Load(first + c);
                float* row = first + c;
                for (int iy = 0; iy < height; iy++, row += rowFloats)
                {
                    float* p = row;
                    for (int ix = 0; ix < width; ix++, p += channels)
                    {
                        m = Larger(m, Vector256.Load(p));
                    }
                }

                m.Store(y + c);
            }

            for (; c < channels; c++)
            {
                float m = first[c];
                for (int iy = 0; iy < height; iy++)
                {
                    for (int ix = 0; ix < width; ix++)
                    {
                        m = Larger(m, first[(iy * rowFloats) + (ix * channels) + c]);
                    }
                }

                y[c] = m;
            }
        }
    }

    /// <summary>Every covered position belongs to one window, so each is written once: 0 + dy or +0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardPairs(in PoolingShape s, float* x, float* y, float* dy, float* dx)
    {
        nint channels = s.Channels, rowFloats = channels * s.InWidth;
        nint uncovered = (s.InWidth - (2 * s.OutWidth)) * channels;
        for (int oy = s.OutHeight; oy > 0; oy--)
        {
            for (int ox = s.OutWidth; ox > 0; ox--)
            {
                nint c = channels;
                for (; c >= Lanes; c -= Lanes, x += Lanes, dx += Lanes, y += Lanes, dy += Lanes)
                {
                    var max = Vector256.Load(y);
                    var gradient = Vector256.Load(dy) + Vector256<float>.Zero;
                    var hit0 = Vector256.Equals(Vector256.Load(x), max);
                    var hit1 = Vector256.Equals(Vector256.Load(x + channels), max);
                    var hit2 = Vector256.Equals(Vector256.Load(x + rowFloats), max);
                    var hit3 = Vector256.Equals(Vector256.Load(x + rowFloats + channels), max);
                    (gradient & hit0).Store(dx);
                    Vector256.AndNot(gradient & hit1, hit0).Store(dx + channels);
                    hit0 |= hit1;
                    Vector256.AndNot(gradient & hit2, hit0).Store(dx + rowFloats);
                    hit0 |= hit2;
                    Vector256.AndNot(gradient & hit3, hit0).Store(dx + rowFloats + channels);
                }

                for (; c > 0; c--, x++, dx++, y++, dy++)
                {
                    float max = *y, gradient = *dy + 0f;
                    bool hit0 = *x == max, hit1 = x[channels] == max, hit2 = x[rowFloats] == max, hit3 = x[rowFloats + channels] == max;
                    *dx = hit0 ? gradient : 0f;
                    dx[channels] = hit1 && !hit0 ? gradient : 0f;
                    dx[rowFloats] = hit2 && !(hit0 || hit1) ? gradient : 0f;
                    dx[rowFloats + channels] = hit3 && !(hit0 || hit1 || hit2) ? gradient : 0f;
                }

                x += channels;
                dx += channels;
            }

            new Span<float>(dx, (int)uncovered).Clear();
            new Span<float>(dx + rowFloats, (int)uncovered).Clear();
            x += uncovered + rowFloats;
            dx += uncovered + rowFloats;
        }

        new Span<float>(dx, (int)((s.InHeight - (2 * s.OutHeight)) * rowFloats)).Clear();
    }

    /// <summary>Adding +0 to a position that lost changes nothing: a sum that began with +0 is never -0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardSample(in PoolingShape s, float* x, float* y, float* dy, float* dx)
    {
        nint channels = s.Channels, rowFloats = channels * s.InWidth;
        new Span<float>(dx, s.InLength).Clear();
        for (int oy = 0; oy < s.OutHeight; oy++)
        {
            for (int ox = 0; ox < s.OutWidth; ox++, y += channels, dy += channels)
            {
                var window = new PoolingWindow(s, oy, ox);
                nint first = (window.Top * rowFloats) + (window.Left * channels);
                nint c = 0;
                for (; c <= channels - Lanes; c += Lanes)
                {
                    var max = Vector256.Load(y + c);
                    var gradient = Vector256.Load(dy + c);
                    for (int iy = 0; iy < window.Bottom - window.Top; iy++)
                    {
                        nint at = first + c + (iy * rowFloats);
                        for (int ix = window.Left; ix < window.Right; ix++, at += channels)
                        {
                            var hit = Vector256.Equals(Vector256.Load(x + at), max);
                            (Vector256.Load(dx + at) + (gradient & hit)).Store(dx + at);
                            gradient = Vector256.AndNot(gradient, hit);
                        }
                    }
                }

                for (; c < channels; c++)
                {
                    BackwardChannel(window, x + first + c, y[c], dy[c], dx + first + c, rowFloats, channels);
                }
            }
        }
    }

    private static void BackwardChannel(
        in PoolingWindow window, float* x, float max, float gradient, float* dx, nint rowFloats, nint channels)
    {
        for (int iy = 0; iy < window.Bottom - window.Top; iy++)
        {
            for (int ix = 0; ix < window.Right - window.Left; ix++)
            {
                nint at = (iy * rowFloats) + (ix * channels);
                if (x[at] == max)
                {
                    dx[at] += gradient;
                    return;
                }
            }
        }
    }
}
