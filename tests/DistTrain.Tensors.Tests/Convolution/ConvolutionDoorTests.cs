namespace DistTrain.Tensors.Tests;

/// <summary>The public methods as callers meet them: independence of the batch, memory, errors, shapes.</summary>
public sealed class ConvolutionDoorTests
{
    private static readonly ConvolutionShape Shape = ConvolutionShape.Same(7, 9, 5, 18, 3, 3, 2, 1);

    [Fact]
    public void Sample_has_the_same_bits_whatever_else_is_in_the_batch()
    {
        const int samples = 6;
        float[] x = KernelData.Floats(samples * Shape.InLength, 1), w = KernelData.Floats(Shape.WeightLength, 2);
        float[] y = new float[samples * Shape.OutLength], dx = new float[x.Length];
        ForkJoinPool pool = KernelData.Pools[1];
        Convolution.Forward(pool, Shape, samples, x, w, y);
        Convolution.BackwardData(pool, Shape, samples, y, w, dx);
        for (int n = 0; n < samples; n++)
        {
            float[] oneY = new float[Shape.OutLength], oneDx = new float[Shape.InLength];
            ReadOnlySpan<float> ofY = y.AsSpan(n * Shape.OutLength, Shape.OutLength);
            Convolution.Forward(pool, Shape, 1, x.AsSpan(n * Shape.InLength, Shape.InLength), w, oneY);
            Convolution.BackwardData(pool, Shape, 1, ofY, w, oneDx);
            KernelData.AssertSameBits(ofY, oneY, "y");
            KernelData.AssertSameBits(dx.AsSpan(n * Shape.InLength, Shape.InLength), oneDx, "dx");
        }
    }

    [Fact]
    public void Weight_gradient_of_a_batch_is_the_sum_of_the_gradients_of_its_halves()
    {
        float[] x = KernelData.Floats(12 * Shape.InLength, 3), dy = KernelData.Floats(12 * Shape.OutLength, 4);
        float[] whole = new float[Shape.WeightLength], left = new float[whole.Length], right = new float[whole.Length];
        ForkJoinPool pool = KernelData.Pools[2];
        int half = SliceTree.SliceStart(12, 8, 4);
        Convolution.BackwardWeights(pool, Shape, SliceTree.ForRange(12, 8, 0, 8), x, dy, whole);
        Convolution.BackwardWeights(
            pool, Shape, SliceTree.ForRange(12, 8, 0, 4), x.AsSpan(0, half * Shape.InLength), dy.AsSpan(0, half * Shape.OutLength), left);
        Convolution.BackwardWeights(
            pool, Shape, SliceTree.ForRange(12, 8, 4, 4), x.AsSpan(half * Shape.InLength), dy.AsSpan(half * Shape.OutLength), right);
        for (int i = 0; i < left.Length; i++)
        {
            left[i] += right[i];
        }

        KernelData.AssertSameBits(whole, left, "dw");
    }

    [Fact]
    public void Fused_bias_and_relu_have_the_bits_of_the_separate_steps()
    {
        float[] x = KernelData.Floats(2 * Shape.InLength, 5), w = KernelData.Floats(Shape.WeightLength, 6);
        float[] bias = KernelData.Floats(Shape.OutChannels, 7);
        float[] fused = new float[2 * Shape.OutLength], plain = new float[fused.Length];
        Convolution.Forward(ForkJoinPool.Single, Shape, 2, x, w, fused, bias, relu: true);
        Convolution.Forward(ForkJoinPool.Single, Shape, 2, x, w, plain);
        for (int i = 0; i < plain.Length; i++)
        {
            float sum = plain[i] + bias[i % Shape.OutChannels];
            plain[i] = sum <= 0 ? 0 : sum;
        }

        KernelData.AssertSameBits(plain, fused, "y");
    }

    [Fact]
    public void Nan_passes_relu_and_negative_zero_becomes_zero()
    {
        var y = new float[2];
        ConvolutionShape one = ConvolutionShape.Valid(1, 2, 1, 1, 1, 1);
        Convolution.Forward(ForkJoinPool.Single, one, 1, [float.NaN, -1e-30f], [1e-30f], y, relu: true);
        Assert.True(float.IsNaN(y[0]));
        Assert.Equal(0, BitConverter.SingleToInt32Bits(y[1]));
    }

    [Fact]
    public void Large_batch_in_chunks_has_the_bits_of_the_reference()
    {
        ConvolutionShape shape = ConvolutionShape.Same(12, 12, 64, 18, 1, 2);
        SliceTree slices = SliceTree.Create([11, 0, 9, 7]);
        float[] x = KernelData.Floats(27 * shape.InLength, 8), dy = KernelData.Floats(27 * shape.OutLength, 9);
        float[] expected = new float[shape.WeightLength], dw = new float[expected.Length];
        ConvolutionReference.BackwardWeights(shape, slices, x, dy, expected);
        foreach (ForkJoinPool pool in KernelData.Pools)
        {
            Convolution.BackwardWeights(pool, shape, slices, x, dy, dw);
            KernelData.AssertSameBits(expected, dw, "dw");
        }
    }

    [Fact]
    public void Calls_do_not_allocate_once_a_thread_has_its_scratch()
    {
        SliceTree slices = SliceTree.ForRange(8, 4, 0, 4);
        float[] x = KernelData.Floats(8 * Shape.InLength, 1), w = KernelData.Floats(Shape.WeightLength, 2);
        float[] y = new float[8 * Shape.OutLength], dx = new float[x.Length], dw = new float[w.Length];
        long Step(ForkJoinPool pool)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Convolution.Forward(pool, Shape, 8, x, w, y);
            Convolution.BackwardData(pool, Shape, 8, y, w, dx);
            Convolution.BackwardWeights(pool, Shape, slices, x, y, dw);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        foreach (ForkJoinPool pool in KernelData.Pools[..2])
        {
            // The caller may take no part of a call on several threads, so its scratch can come late; it must come to rest.
            long allocated = -1;
            for (int step = 0; step < 100 && allocated != 0; step++)
            {
                allocated = Step(pool);
            }

            Assert.Equal(0, allocated);
        }
    }

    [Fact]
    public void No_samples_give_no_output_and_a_zero_gradient()
    {
        float[] w = KernelData.Floats(Shape.WeightLength, 1), dw = KernelData.Nan(Shape.WeightLength);
        Convolution.Forward(ForkJoinPool.Single, Shape, 0, [], w, []);
        Convolution.BackwardData(ForkJoinPool.Single, Shape, 0, [], w, []);
        Convolution.BackwardWeights(ForkJoinPool.Single, Shape, SliceTree.Create([0, 0]), [], [], dw);
        KernelData.AssertSameBits(new float[dw.Length], dw, "dw");
    }

    [Fact]
    public void Same_keeps_the_size_over_the_stride_and_pads_more_at_the_end()
    {
        ConvolutionShape same = ConvolutionShape.Same(32, 15, 3, 16, 3, 4, 2, 1);
        Assert.Equal((16, 15), (same.OutHeight, same.OutWidth));
        Assert.Equal((0, 1, 1, 2), (same.PadTop, same.PadLeft, same.PadBottom, same.PadRight));
        ConvolutionShape valid = ConvolutionShape.Valid(13, 12, 32, 64, 3, 3, 1, 2);
        Assert.Equal((11, 5), (valid.OutHeight, valid.OutWidth));
    }

    [Fact]
    public void Impossible_arguments_are_refused()
    {
        ForkJoinPool pool = ForkJoinPool.Single;
        ConvolutionShape s = ConvolutionShape.Valid(3, 3, 1, 2, 3, 3);
        float[] x = new float[9], w = new float[18], y = new float[2];
        Assert.Throws<ArgumentException>(() => Convolution.Forward(pool, s, 2, x, w, y));
        Assert.Throws<ArgumentException>(() => Convolution.Forward(pool, s, 1, x, w, y, new float[1]));
        Assert.Throws<ArgumentException>(() => Convolution.Forward(pool, s, 1, x, w, w.AsSpan(4, 2)));
        Assert.Throws<ArgumentException>(() => Convolution.BackwardData(pool, s, 1, y, w, w.AsSpan(0, 9)));
        Assert.Throws<ArgumentException>(() => Convolution.BackwardData(pool, s, 1, y, y, x));
        Assert.Throws<ArgumentException>(() => Convolution.BackwardWeights(pool, s, SliceTree.Create([2]), x, y, w));
        Assert.Throws<ArgumentException>(() => Convolution.Forward(pool, s with { KernelWidth = 4 }, 1, x, w, y));
        Assert.Throws<ArgumentException>(() => Convolution.Forward(pool, s with { StrideHeight = 0 }, 1, x, w, y));
        Assert.Throws<ArgumentException>(() => Convolution.Forward(pool, s with { PadLeft = -1 }, 1, x, w, y));
        Assert.Throws<ArgumentException>(() => Convolution.Forward(pool, s with { InHeight = 1 << 20, InWidth = 1 << 20 }, 1, x, w, y));
        Assert.Throws<ArgumentOutOfRangeException>(() => Convolution.Forward(pool, s, -1, x, w, y));
        Assert.Throws<ArgumentNullException>(() => Convolution.BackwardWeights(pool, s, null!, x, y, w));
        Assert.Throws<ArgumentNullException>(() => Convolution.Forward(null!, s, 1, x, w, y));
    }
}
