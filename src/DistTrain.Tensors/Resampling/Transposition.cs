namespace DistTrain.Tensors;

/// <summary>Axes of samples in another order.</summary>
public static unsafe class Transposition
{
    /// <summary>y[..., i_p(0), i_p(1), ...] = x[..., i_0, i_1, ...]: axis a of y is axis <paramref name="order"/>[a] of x.</summary>
    /// <param name="pool">Threads that share the samples.</param>
    /// <param name="shape">Of one sample of x; up to 8 axes.</param>
    /// <param name="order">Every axis of x once.</param>
    /// <param name="samples">n, 0 or more.</param>
    /// <param name="x">[n, shape]</param>
    /// <param name="y">[n, shape in the other order], overwritten; must not overlap x.</param>
    public static void Apply(ForkJoinPool pool, Shape shape, ReadOnlySpan<int> order, int samples, ReadOnlySpan<float> x, Span<float> y)
    {
        ArgumentNullException.ThrowIfNull(pool);
        KernelArguments.CheckInput(x, (long)samples * shape.Length, y, nameof(x));
        KernelArguments.CheckLength(y.Length, x.Length, nameof(y));
        if (order.Length != shape.Rank || order.Length is 0 or > AxesMax)
        {
            throw new ArgumentException($"{order.Length} axes for {shape}; up to {AxesMax}.", nameof(order));
        }

        fixed (float* px = x, py = y)
        {
            var call = new Call { X = px, Y = py, Length = shape.Length, Rank = shape.Rank };
            for (int axis = 0; axis < order.Length; axis++)
            {
                call.Sizes[axis] = shape[order[axis]];
                call.Strides[axis] = 1;
                for (int inner = order[axis] + 1; inner < shape.Rank; inner++)
                {
                    call.Strides[axis] *= shape[inner];
                }
            }

            pool.Run(samples, &Sample, &call);
        }
    }

    private const int AxesMax = 8;

    private static void Sample(void* context, int sample)
    {
        var call = (Call*)context;
        float* y = call->Y + ((long)sample * call->Length);
        Walk(call, call->X + ((long)sample * call->Length), 0, &y);
    }

    /// <summary>y in its own order, x by strides.</summary>
    private static void Walk(Call* call, float* x, int axis, float** y)
    {
        int size = call->Sizes[axis], stride = call->Strides[axis];
        if (axis < call->Rank - 1)
        {
            for (int i = 0; i < size; i++)
            {
                Walk(call, x + ((long)i * stride), axis + 1, y);
            }

            return;
        }

        if (stride == 1)
        {
            new ReadOnlySpan<float>(x, size).CopyTo(new Span<float>(*y, size));
        }
        else
        {
            for (int i = 0; i < size; i++)
            {
                (*y)[i] = x[(long)i * stride];
            }
        }

        *y += size;
    }

    private struct Call
    {
        public float* X;
        public float* Y;
        public int Length;
        public int Rank;
        public fixed int Sizes[AxesMax];
        public fixed int Strides[AxesMax];
    }
}
