namespace DistTrain.Tensors.Tests;

public sealed class MatMulTests
{
    /// <summary>Sampled shapes per product and width; with the four kernel sets about a second each.</summary>
    private const int Shapes = 120;

    /// <summary>Every vector width, also those this machine only emulates, and the reference itself (no fused instruction).</summary>
    public static TheoryData<int> Widths => [512, 256, 128, 0];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Nn_gives_the_bits_of_the_reference_at_odd_shapes(int bits)
    {
        using var pools = new Pools();
        var random = new Random(1);
        for (int trial = 0; trial < Shapes; trial++)
        {
            (int m, int n, int k) = Sizes(random);
            float[] a = MatMulCase.Values(m * k, trial), b = MatMulCase.Values(k * n, trial + 1000);
            float[] bias = trial % 2 == 0 ? MatMulCase.Values(n, trial + 2000) : [];
            bool relu = trial % 3 == 0;
            float[] expected = new float[m * n], c = MatMulCase.Values(m * n, 5);
            MatMulReference.Nn(m, n, k, a, b, expected, bias, relu);
            MatMul.Nn(Kernels(bits), pools[trial], m, n, k, a, b, c, bias, relu);
            MatMulCase.AssertSameBits(expected, c, $"Nn {m} x {n} x {k}, bias {bias.Length}, relu {relu}, trial {trial}");
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Nt_gives_the_bits_of_the_reference_at_odd_shapes(int bits)
    {
        using var pools = new Pools();
        var random = new Random(2);
        for (int trial = 0; trial < Shapes; trial++)
        {
            (int m, int n, int k) = Sizes(random);
            float[] a = MatMulCase.Values(m * k, trial), b = MatMulCase.Values(k * n, trial + 1000);
            float[] expected = new float[m * n], c = MatMulCase.Values(m * n, 5);
            MatMulReference.Nt(m, n, k, a, b, expected);
            MatMul.Nt(Kernels(bits), pools[trial], m, n, k, a, b, c);
            MatMulCase.AssertSameBits(expected, c, $"Nt {m} x {n} x {k}, trial {trial}");
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void TnSliced_gives_the_bits_of_the_reference_at_odd_shapes_and_trees(int bits)
    {
        using var pools = new Pools();
        var random = new Random(3);
        for (int trial = 0; trial < Shapes; trial++)
        {
            (int m, int n, int rows) = Sizes(random);
            int slices = 1 << random.Next(0, 8);
            SliceTree tree = SliceTree.ForRange(rows, slices, 0, slices);
            AssertTnSliced(Kernels(bits), pools[trial], m, n, tree, $"trial {trial}, {rows} rows in {slices} slices");
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void TnSliced_sums_trees_with_single_rows_absent_leaves_and_a_thousand_slices(int bits)
    {
        foreach (int[] leaves in new int[][] { [1], [0, 3], [3, 0, 0, 1], [0, 0, 1, 0, 2, 1, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1] })
        {
            AssertTnSliced(Kernels(bits), ForkJoinPool.Single, 13, 33, SliceTree.Create(leaves), string.Join(",", leaves));
        }

        AssertTnSliced(Kernels(bits), ForkJoinPool.Single, 13, 33, SliceTree.ForRange(1024, 1024, 0, 1024), "1024 rows in 1024 slices");
        AssertTnSliced(Kernels(bits), ForkJoinPool.Single, 7, 10, SliceTree.ForRange(700, 1024, 0, 1024), "700 rows in 1024 slices");
    }

    /// <summary>The longest sums are cut into blocks; the cut may not show.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void Sums_longer_than_a_block_and_rows_more_than_a_part_keep_their_bits(int bits)
    {
        using var pools = new Pools();
        foreach ((int m, int n, int k) in new[] { (13, 33, 1601), (401, 10, 1030), (800, 33, 5) })
        {
            float[] a = MatMulCase.Values(m * k, 1), b = MatMulCase.Values(k * n, 2), bias = MatMulCase.Values(n, 3);
            float[] expected = new float[m * n], c = new float[m * n];
            MatMulReference.Nn(m, n, k, a, b, expected, bias, relu: true);
            MatMul.Nn(Kernels(bits), pools[2], m, n, k, a, b, c, bias, relu: true);
            MatMulCase.AssertSameBits(expected, c, $"Nn {m} x {n} x {k}");
            MatMulReference.Nt(m, n, k, a, b, expected);
            MatMul.Nt(Kernels(bits), pools[1], m, n, k, a, b, c);
            MatMulCase.AssertSameBits(expected, c, $"Nt {m} x {n} x {k}");
        }
    }

    [Fact]
    public void Fused_bias_and_relu_equal_the_separate_operations()
    {
        const int m = 33, n = 50, k = 40;
        float[] a = MatMulCase.Values(m * k, 1), b = MatMulCase.Values(k * n, 2), bias = MatMulCase.Values(n, 3);
        float[] fused = new float[m * n], separate = new float[m * n];
        MatMul.Nn(ForkJoinPool.Single, m, n, k, a, b, fused, bias, relu: true);
        MatMul.Nn(ForkJoinPool.Single, m, n, k, a, b, separate);
        for (int i = 0; i < separate.Length; i++)
        {
            float sum = separate[i] + bias[i % n];
            separate[i] = sum <= 0 ? 0 : sum;
        }

        MatMulCase.AssertSameBits(separate, fused, "fused");
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void A_row_of_a_product_does_not_depend_on_the_other_rows(int bits)
    {
        const int m = 65, n = 37, k = 100;
        float[] a = MatMulCase.Values(m * k, 1), b = MatMulCase.Values(k * n, 2), bt = MatMulCase.Values(k * n, 3);
        float[] all = new float[m * n], one = new float[n];
        MatMul.Nn(Kernels(bits), ForkJoinPool.Single, m, n, k, a, b, all, default, relu: false);
        for (int i = 0; i < m; i += 8)
        {
            MatMul.Nn(Kernels(bits), ForkJoinPool.Single, 1, n, k, a.AsSpan(i * k, k), b, one, default, relu: false);
            MatMulCase.AssertSameBits(one, all.AsSpan(i * n, n), $"Nn row {i}");
        }

        MatMul.Nt(Kernels(bits), ForkJoinPool.Single, m, n, k, a, bt, all);
        for (int i = 0; i < m; i += 8)
        {
            MatMul.Nt(Kernels(bits), ForkJoinPool.Single, 1, n, k, a.AsSpan(i * k, k), bt, one);
            MatMulCase.AssertSameBits(one, all.AsSpan(i * n, n), $"Nt row {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Spans_may_begin_anywhere_and_nothing_beside_the_output_is_written(int bits)
    {
        const int m = 14, n = 35, k = 19;
        float[] a = MatMulCase.Values(m * k, 1), b = MatMulCase.Values(k * n, 2);
        float[] nn = new float[m * n], nt = new float[m * n], tn = new float[m * n];
        SliceTree tree = SliceTree.ForRange(k, 4, 0, 4);
        MatMulReference.Nn(m, n, k, a, b, nn, default, relu: false);
        MatMulReference.Nt(m, n, k, a, b, nt);
        MatMulReference.TnSliced(m, n, tree, a, b, tn);
        for (int offset = 1; offset < 16; offset += 3)
        {
            float[] fence = new float[(m * n) + 64];
            Array.Fill(fence, 123f);
            Span<float> a1 = MatMulCase.Misaligned(a, offset), b1 = MatMulCase.Misaligned(b, 16 - offset), c = fence.AsSpan(16 + offset, m * n);
            MatMul.Nn(Kernels(bits), ForkJoinPool.Single, m, n, k, a1, b1, c, default, relu: false);
            MatMulCase.AssertSameBits(nn, c, $"Nn at {offset}");
            MatMul.Nt(Kernels(bits), ForkJoinPool.Single, m, n, k, a1, b1, c);
            MatMulCase.AssertSameBits(nt, c, $"Nt at {offset}");
            MatMul.TnSliced(Kernels(bits), ForkJoinPool.Single, m, n, tree, a1, b1, c);
            MatMulCase.AssertSameBits(tn, c, $"TnSliced at {offset}");
            Assert.All(fence[..(16 + offset)], value => Assert.Equal(123f, value));
            Assert.All(fence[(16 + offset + (m * n))..], value => Assert.Equal(123f, value));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Values_that_are_not_finite_pass_through(int bits)
    {
        const int m = 13, n = 17, k = 9;
        float[] a = MatMulCase.Values(m * k, 1), b = MatMulCase.Values(k * n, 2), expected = new float[m * n], c = new float[m * n];
        a[4] = float.NaN;
        a[2 * k] = float.PositiveInfinity;
        b[5] = float.NegativeInfinity;
        a[3 * k] = 0;
        a[5 * k] = float.Epsilon;
        MatMulReference.Nn(m, n, k, a, b, expected, default, relu: true);
        Assert.Contains(float.NaN, expected);
        Assert.Contains(float.PositiveInfinity, expected);
        MatMul.Nn(Kernels(bits), ForkJoinPool.Single, m, n, k, a, b, c, default, relu: true);
        MatMulCase.AssertSameBits(expected, c, "Nn");
        AssertTnSliced(Kernels(bits), ForkJoinPool.Single, m, n, SliceTree.ForRange(k, 2, 0, 2), "not finite", a, b);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Empty_sums_are_zero_and_empty_outputs_are_nothing(int bits)
    {
        float[] c = [7, 7, 7, 7, 7, 7];
        MatMul.Nn(Kernels(bits), ForkJoinPool.Single, 2, 3, 0, [], [], c, [1, -2, 3], relu: true);
        Assert.Equal([1f, 0, 3, 1, 0, 3], c);
        MatMul.Nt(Kernels(bits), ForkJoinPool.Single, 2, 3, 0, [], [], c);
        Assert.Equal(new float[6], c);
        Array.Fill(c, 7);
        MatMul.TnSliced(Kernels(bits), ForkJoinPool.Single, 2, 3, SliceTree.Create([0, 0]), [], [], c);
        Assert.Equal(new float[6], c);
        MatMul.Nn(Kernels(bits), ForkJoinPool.Single, 0, 3, 2, [], new float[6], [], default, relu: false);
        MatMul.Nt(Kernels(bits), ForkJoinPool.Single, 3, 0, 2, new float[6], [], []);
    }

    [Fact]
    public void Products_allocate_nothing_once_warm()
    {
        const int m = 40, n = 50, k = 60;
        float[] a = new float[m * k], b = new float[k * n], c = new float[m * n], bias = new float[n];
        SliceTree tree = SliceTree.ForRange(k, 8, 0, 8);
        void Products()
        {
            MatMul.Nn(ForkJoinPool.Single, m, n, k, a, b, c, bias, relu: true);
            MatMul.Nt(ForkJoinPool.Single, m, n, k, a, b, c);
            MatMul.TnSliced(ForkJoinPool.Single, m, n, tree, a, b, c);
        }

        Products();
        Products();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Products();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Spans_that_do_not_fit_their_shape_are_refused_with_both_numbers()
    {
        float[] six = new float[6], nine = new float[9];
        var error = Assert.Throws<ArgumentException>(() => MatMul.Nn(ForkJoinPool.Single, 2, 3, 3, six, six, six));
        Assert.Contains("b has 6 floats, its shape 3 x 3", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MatMul.Nn(ForkJoinPool.Single, 2, 3, 3, nine, nine, six));
        Assert.Throws<ArgumentException>(() => MatMul.Nn(ForkJoinPool.Single, 2, 3, 3, six, nine, nine));
        Assert.Throws<ArgumentException>(() => MatMul.Nn(ForkJoinPool.Single, 2, 3, 3, six, nine, new float[6], new float[2]));
        Assert.Throws<ArgumentException>(() => MatMul.Nt(ForkJoinPool.Single, 2, 3, 3, six, six, new float[6]));
        Assert.Throws<ArgumentException>(() => MatMul.TnSliced(ForkJoinPool.Single, 2, 3, SliceTree.Create([3]), nine, nine, new float[6]));
        Assert.Throws<ArgumentException>(() => MatMul.Nn(ForkJoinPool.Single, 2, 3, 3, six, nine, six));
        Assert.Throws<ArgumentOutOfRangeException>(() => MatMul.Nn(ForkJoinPool.Single, -1, 3, 3, six, nine, six));
    }

    private static void AssertTnSliced(
        MatMulKernels kernels, ForkJoinPool pool, int m, int n, SliceTree tree, string what, float[]? a = null, float[]? b = null)
    {
        a ??= MatMulCase.Values(tree.Rows * m, 11);
        b ??= MatMulCase.Values(tree.Rows * n, 12);
        float[] expected = new float[m * n], c = MatMulCase.Values(m * n, 5);
        MatMulReference.TnSliced(m, n, tree, a, b, expected);
        MatMul.TnSliced(kernels, pool, m, n, tree, a, b, c);
        MatMulCase.AssertSameBits(expected, c, $"TnSliced {m} x {n}, {what}");
    }

    private static MatMulKernels Kernels(int bits) => Array.Find(MatMulKernels.All, kernels => kernels.Lanes * 32 == bits);

    private static (int M, int N, int K) Sizes(Random random)
    {
        int Size() => MatMulCase.Sizes[random.Next(MatMulCase.Sizes.Length)];
        return (random.Next(20) == 0 ? 0 : Size(), Size(), Size());
    }

    /// <summary>Pools of one, two and three threads in turn.</summary>
    private sealed class Pools : IDisposable
    {
        private readonly ForkJoinPool[] pools = [ForkJoinPool.Single, new(2), new(3)];

        public ForkJoinPool this[int trial] => pools[trial % pools.Length];

        public void Dispose() => Array.ForEach(pools, pool => pool.Dispose());
    }
}
