namespace DistTrain.Tensors.Tests;

public sealed class ConvolutionTests
{
    private const int Samples = 3;

    [Theory]
    [MemberData(nameof(ConvolutionCases.Indices), MemberType = typeof(ConvolutionCases))]
    public void Forward_has_the_bits_of_the_reference_for_every_width_and_pool(int index, string name)
    {
        ConvolutionShape shape = ConvolutionCases.All[index].Shape;
        var x = KernelData.Misaligned(KernelData.Floats(Samples * shape.InLength, 1));
        var w = KernelData.Misaligned(KernelData.Floats(shape.WeightLength, 2));
        float[] bias = KernelData.Floats(shape.OutChannels, 3);
        foreach (bool relu in new[] { false, true })
        {
            foreach (float[] b in new[] { [], bias })
            {
                var expected = new float[Samples * shape.OutLength];
                ConvolutionReference.Forward(shape, Samples, x.Span, w.Span, expected, b, relu);
                foreach (ConvolutionKernelSet kernels in ConvolutionCases.Widths)
                {
                    foreach (ForkJoinPool pool in KernelData.Pools)
                    {
                        var y = KernelData.Misaligned(KernelData.Nan(expected.Length));
                        TapConvolution.Run(pool, kernels, shape, data: false, Samples, x.Span, w.Span, y.Span, b, relu);
                        KernelData.AssertSameBits(expected, y.Span, $"{name}, {kernels.Lanes} lanes, {pool.Threads} threads");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(ConvolutionCases.Indices), MemberType = typeof(ConvolutionCases))]
    public void Data_gradient_has_the_bits_of_the_reference_for_every_width_and_pool(int index, string name)
    {
        ConvolutionShape shape = ConvolutionCases.All[index].Shape;
        var dy = KernelData.Misaligned(KernelData.Floats(Samples * shape.OutLength, 4));
        var w = KernelData.Misaligned(KernelData.Floats(shape.WeightLength, 5));
        var expected = new float[Samples * shape.InLength];
        ConvolutionReference.BackwardData(shape, Samples, dy.Span, w.Span, expected);
        foreach (ConvolutionKernelSet kernels in ConvolutionCases.Widths)
        {
            foreach (ForkJoinPool pool in KernelData.Pools)
            {
                var dx = KernelData.Misaligned(KernelData.Nan(expected.Length));
                TapConvolution.Run(pool, kernels, shape, data: true, Samples, dy.Span, w.Span, dx.Span, default, relu: false);
                KernelData.AssertSameBits(expected, dx.Span, $"{name}, {kernels.Lanes} lanes, {pool.Threads} threads");
            }
        }
    }

    [Theory]
    [MemberData(nameof(ConvolutionCases.Indices), MemberType = typeof(ConvolutionCases))]
    public void Weight_gradient_has_the_bits_of_the_reference_for_every_width_pool_and_tree(int index, string name)
    {
        ConvolutionShape shape = ConvolutionCases.All[index].Shape;
        int[][] trees = [[5], [2, 3], [1, 0, 0, 1, 2, 0, 1, 0], [1, 1, 1, 1, 0, 1, 0, 0]];
        var x = KernelData.Misaligned(KernelData.Floats(5 * shape.InLength, 6));
        var dy = KernelData.Misaligned(KernelData.Floats(5 * shape.OutLength, 7));
        foreach (int[] rows in trees)
        {
            SliceTree slices = SliceTree.Create(rows);
            var expected = new float[shape.WeightLength];
            ConvolutionReference.BackwardWeights(shape, slices, x.Span, dy.Span, expected);
            foreach (ConvolutionKernelSet kernels in ConvolutionCases.Widths)
            {
                foreach (ForkJoinPool pool in KernelData.Pools)
                {
                    var dw = KernelData.Misaligned(KernelData.Nan(expected.Length));
                    ConvolutionWeightGradient.Run(pool, kernels, shape, slices, x.Span, dy.Span, dw.Span);
                    KernelData.AssertSameBits(
                        expected, dw.Span, $"{name}, {kernels.Lanes} lanes, {pool.Threads} threads, slices {string.Join(' ', rows)}");
                }
            }
        }
    }
}
