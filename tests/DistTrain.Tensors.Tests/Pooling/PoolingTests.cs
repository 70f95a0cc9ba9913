namespace DistTrain.Tensors.Tests;

public sealed class PoolingTests
{
    private const int Samples = 3;

    private static readonly PoolingShape[] Shapes =
    [
        PoolingShape.Valid(26, 26, 32, 2, 2, 2, 2),
        PoolingShape.Valid(11, 11, 64, 2, 2, 2, 2),
        PoolingShape.Valid(5, 7, 33, 2, 2, 2, 2),
        PoolingShape.Valid(3, 2, 5, 2, 2, 2, 2),
        PoolingShape.Same(9, 10, 17, 3, 3, 2, 2),
        PoolingShape.Same(6, 6, 10, 3, 3, 1, 1),
        PoolingShape.Valid(12, 9, 3, 2, 3, 4, 5),
        PoolingShape.Valid(7, 1, 8, 7, 1, 1, 1),
        PoolingShape.Valid(1, 1, 1, 1, 1, 1, 1),
        new(5, 6, 9, 4, 5, 3, 2, 1, 2, 3, 4),
    ];

    [Fact]
    public void Maximum_has_the_bits_of_the_reference_for_every_shape_and_pool()
    {
        foreach (PoolingShape shape in Shapes)
        {
            var x = KernelData.Misaligned(WithTiesAndNan(Samples * shape.InLength));
            var expected = new float[Samples * shape.OutLength];
            PoolingReference.MaxForward(shape, Samples, x.Span, expected);
            foreach (ForkJoinPool pool in KernelData.Pools)
            {
                var y = KernelData.Misaligned(KernelData.Nan(expected.Length));
                Pooling.MaxForward(pool, shape, Samples, x.Span, y.Span);
                KernelData.AssertSameBits(expected, y.Span, shape.ToString());
            }
        }
    }

    [Fact]
    public void Gradient_of_the_maximum_has_the_bits_of_the_reference_for_every_shape_and_pool()
    {
        foreach (PoolingShape shape in Shapes)
        {
            var x = KernelData.Misaligned(WithTiesAndNan(Samples * shape.InLength));
            var y = new float[Samples * shape.OutLength];
            PoolingReference.MaxForward(shape, Samples, x.Span, y);
            var dy = KernelData.Misaligned(KernelData.Floats(y.Length, 2));
            var expected = new float[x.Length];
            PoolingReference.MaxBackward(shape, Samples, x.Span, y, dy.Span, expected);
            foreach (ForkJoinPool pool in KernelData.Pools)
            {
                var dx = KernelData.Misaligned(KernelData.Nan(expected.Length));
                Pooling.MaxBackward(pool, shape, Samples, x.Span, y, dy.Span, dx.Span);
                KernelData.AssertSameBits(expected, dx.Span, shape.ToString());
            }
        }
    }

    [Fact]
    public void Mean_and_its_gradient_have_the_bits_of_the_reference_for_every_shape_and_pool()
    {
        foreach (PoolingShape shape in Shapes)
        {
            var x = KernelData.Misaligned(KernelData.Floats(Samples * shape.InLength, 3));
            var dy = KernelData.Misaligned(KernelData.Floats(Samples * shape.OutLength, 4));
            var expectedY = new float[dy.Length];
            var expectedDx = new float[x.Length];
            PoolingReference.AverageForward(shape, Samples, x.Span, expectedY);
            PoolingReference.AverageBackward(shape, Samples, dy.Span, expectedDx);
            foreach (ForkJoinPool pool in KernelData.Pools)
            {
                var y = KernelData.Misaligned(KernelData.Nan(dy.Length));
                var dx = KernelData.Misaligned(KernelData.Nan(x.Length));
                Pooling.AverageForward(pool, shape, Samples, x.Span, y.Span);
                Pooling.AverageBackward(pool, shape, Samples, dy.Span, dx.Span);
                KernelData.AssertSameBits(expectedY, y.Span, shape.ToString());
                KernelData.AssertSameBits(expectedDx, dx.Span, shape.ToString());
            }
        }
    }

    [Fact]
    public void First_of_equal_maxima_gets_the_gradient()
    {
        var dx = new float[4];
        Pooling.MaxBackward(ForkJoinPool.Single, PoolingShape.Valid(2, 2, 1, 2, 2, 2, 2), 1, [-1, 0f, -0f, 0f], [0f], [3f], dx);
        Assert.Equal([0f, 3f, 0f, 0f], dx);
    }

    [Fact]
    public void Overlapping_windows_add_their_gradients()
    {
        var dx = new float[3];
        Pooling.MaxBackward(ForkJoinPool.Single, PoolingShape.Valid(1, 3, 1, 1, 2, 1, 1), 1, [1, 5, 2], [5, 5], [3, 4], dx);
        Assert.Equal([0f, 7f, 0f], dx);
    }

    [Fact]
    public void Padding_does_not_count_in_a_mean()
    {
        var y = new float[4];
        Pooling.AverageForward(ForkJoinPool.Single, PoolingShape.Same(3, 3, 1, 2, 2, 2, 2), 1, [1, 2, 3, 4, 5, 6, 7, 8, 9], y);
        Assert.Equal([3f, 4.5f, 7.5f, 9f], y);
    }

    [Fact]
    public void Nan_in_a_window_is_its_maximum()
    {
        var y = new float[1];
        Pooling.MaxForward(ForkJoinPool.Single, PoolingShape.Valid(2, 2, 1, 2, 2, 2, 2), 1, [1, float.NaN, 7, 2], y);
        Assert.True(float.IsNaN(y[0]));
    }

    [Fact]
    public void Global_average_is_the_mean_over_all_positions_of_a_channel()
    {
        var y = new float[4];
        var dx = new float[12];
        Pooling.GlobalAverageForward(ForkJoinPool.Single, 2, 3, 2, [1, 10, 2, 20, 6, 30, 0, 0, 3, 3, 0, 6], y);
        Pooling.GlobalAverageBackward(ForkJoinPool.Single, 2, 3, 2, [3, 6, 9, 12], dx);
        Assert.Equal([3f, 20f, 1f, 3f], y);
        Assert.Equal([1f, 2f, 1f, 2f, 1f, 2f, 3f, 4f, 3f, 4f, 3f, 4f], dx);
    }

    [Fact]
    public void Calls_do_not_allocate()
    {
        PoolingShape shape = Shapes[0];
        float[] x = KernelData.Floats(Samples * shape.InLength, 1), y = new float[Samples * shape.OutLength], dx = new float[x.Length];
        void Step()
        {
            Pooling.MaxForward(KernelData.Pools[1], shape, Samples, x, y);
            Pooling.MaxBackward(KernelData.Pools[1], shape, Samples, x, y, y, dx);
            Pooling.AverageForward(KernelData.Pools[1], shape, Samples, x, y);
            Pooling.AverageBackward(KernelData.Pools[1], shape, Samples, y, dx);
        }

        Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Impossible_arguments_are_refused()
    {
        ForkJoinPool pool = ForkJoinPool.Single;
        PoolingShape shape = PoolingShape.Valid(2, 2, 1, 2, 2, 2, 2);
        float[] x = new float[4], y = new float[1];
        Assert.Throws<ArgumentException>(() => Pooling.MaxForward(pool, shape, 2, x, y));
        Assert.Throws<ArgumentException>(() => Pooling.MaxForward(pool, shape, 1, x, x));
        Assert.Throws<ArgumentException>(() => Pooling.MaxForward(pool, shape, 1, x, x.AsSpan(1, 1)));
        Assert.Throws<ArgumentException>(() => Pooling.MaxBackward(pool, shape, 1, x, y, y, x));
        Assert.Throws<ArgumentException>(() => Pooling.AverageForward(pool, shape with { PadTop = 2 }, 1, x, y));
        Assert.Throws<ArgumentException>(() => Pooling.AverageForward(pool, shape with { PoolWidth = 3 }, 1, x, y));
        Assert.Throws<ArgumentException>(() => Pooling.AverageForward(pool, shape with { StrideWidth = 0 }, 1, x, y));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pooling.MaxForward(pool, shape, -1, x, y));
        Assert.Throws<ArgumentNullException>(() => Pooling.MaxForward(null!, shape, 1, x, y));
    }

    /// <summary>Few distinct values, so that most windows have several maxima, zeros of both signs, and a NaN here and there.</summary>
    private static float[] WithTiesAndNan(int length)
    {
        var random = new Random(5);
        float[] values = [-2, -1, -0f, 0f, 0f, 1, 2];
        var x = new float[length];
        for (int i = 0; i < length; i++)
        {
            x[i] = random.Next(100) == 0 ? float.NaN : values[random.Next(values.Length)];
        }

        return x;
    }
}
