namespace DistTrain.Tensors.Tests;

public sealed class RecurrentTests
{
    private static readonly RecurrentShape[] Shapes =
    [
        new(3, 5, 32) { Sequences = true },
        new(5, 4, 7) { Sequences = true, Reverse = true },
        new(4, 3, 17) { Reverse = true, AsWalked = true },
        new(2, 4, 9) { Sequences = true, Reverse = true, AsWalked = true, OutputWidth = 20, OutputOffset = 11 },
        new(51, 2, 5) { OutputWidth = 6, OutputOffset = 1 },
        new(1, 1, 1),
    ];

    public static TheoryData<RecurrentKind> Kinds => [.. Enum.GetValues<RecurrentKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_width_and_pool_has_the_bits_of_the_reference(RecurrentKind kind)
    {
        foreach (RecurrentShape shape in Shapes)
        {
            foreach (bool masked in new[] { false, true })
            {
                var expected = new Run(kind, shape, masked);
                expected.ByReference();
                foreach (ForkJoinPool pool in KernelData.Pools)
                {
                    var found = new Run(kind, shape, masked);
                    found.ByKernels(pool);
                    found.AssertSameBits(expected, $"{kind} {shape} masked {masked}, {pool.Threads} threads");
                }

                foreach (int width in Bits.Widths)
                {
                    var found = new Run(kind, shape, masked);
                    Lanes.Force(width, () => found.ByKernels(ForkJoinPool.Single));
                    found.AssertSameBits(expected, $"{kind} {shape} masked {masked}, width {width}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_allocated_once_warm(RecurrentKind kind)
    {
        var run = new Run(kind, Shapes[0], masked: true);
        long allocated = -1;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            run.ByKernels(ForkJoinPool.Single);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Padding_at_the_end_leaves_the_state_of_the_last_step_that_is_there()
    {
        var shape = new RecurrentShape(1, 4, 3);
        float[] kernel = Bits.Finite(3 * 12, 1), gates = Bits.Finite(4 * 12, 2), extra = new float[12], previous = new float[12];
        float[] first = [.. gates.Take(24)], shortened = new float[3], padded = new float[3];
        Recurrent.Forward(
            ForkJoinPool.Single, RecurrentKind.Lstm, shape with { Steps = 2 }, kernel, default, default, first, previous.AsSpan(0, 6), extra.AsSpan(0, 6), shortened);
        Recurrent.Forward(ForkJoinPool.Single, RecurrentKind.Lstm, shape, kernel, default, [1, 1, 0, 0], gates, previous, extra, padded);
        Bits.Equal(shortened, padded, "state");
        Assert.NotEqual(0, padded[0]);
    }

    [Fact]
    public void Spans_of_another_length_are_refused_by_name()
    {
        float[] two = new float[2];
        void Forward(float[] gates, float[] y, float[] bias) => Recurrent.Forward(
            ForkJoinPool.Single, RecurrentKind.SimpleTanh, new RecurrentShape(1, 2, 1), new float[1], bias, default, gates, two, default, y);
        Assert.Equal("gates", Assert.Throws<ArgumentException>(() => Forward(new float[3], new float[1], [])).ParamName);
        Assert.Equal("output", Assert.Throws<ArgumentException>(() => Forward(two, two, [])).ParamName);
        Assert.Equal("bias", Assert.Throws<ArgumentException>(() => Forward(two, new float[1], [1])).ParamName);
    }

    /// <summary>All spans of one forward and backward call.</summary>
    private sealed class Run
    {
        private readonly RecurrentKind kind;
        private readonly RecurrentShape shape;
        private readonly float[] kernel, bias, mask, gates, start, previous, extra, y, dy;

        public Run(RecurrentKind kind, RecurrentShape shape, bool masked)
        {
            this.kind = kind;
            this.shape = shape;
            var sizes = RecurrentSizes.Of(kind);
            var random = new Random(7);
            int steps = shape.Rows * shape.Steps;
            kernel = KernelData.Floats(shape.Units * shape.Units * sizes.Gates, 1);
            bias = kind == RecurrentKind.Gru ? KernelData.Floats(shape.Units * sizes.Gates, 2) : [];
            mask = masked ? [.. Enumerable.Range(0, steps).Select(_ => random.Next(3) == 0 ? 0f : 1f)] : [];
            start = KernelData.Floats(steps * shape.Units * sizes.Gates, 3);
            gates = new float[start.Length];
            previous = KernelData.Nan(steps * shape.Units);
            extra = KernelData.Nan(steps * shape.Units * sizes.Extra);
            y = KernelData.Floats((int)shape.OutputLength, 4);
            dy = KernelData.Floats(y.Length, 5);
        }

        /// <summary>Gates after forward; they are overwritten by backward.</summary>
        private float[] Activated { get; set; } = [];

        public void ByReference()
        {
            start.CopyTo(gates, 0);
            RecurrentReference.Forward(kind, shape, kernel, bias, mask, gates, previous, extra, y);
            Activated = [.. gates];
            RecurrentReference.Backward(kind, shape, kernel, mask, gates, previous, extra, dy);
        }

        public void ByKernels(ForkJoinPool pool)
        {
            start.CopyTo(gates, 0);
            Recurrent.Forward(pool, kind, shape, kernel, bias, mask, gates, previous, extra, y);
            if (Activated.Length == 0)
            {
                Activated = new float[gates.Length];
            }

            gates.CopyTo(Activated, 0);
            Recurrent.Backward(pool, kind, shape, kernel, mask, gates, previous, extra, dy);
        }

        public void AssertSameBits(Run expected, string what)
        {
            KernelData.AssertSameBits(expected.y, y, $"output, {what}");
            KernelData.AssertSameBits(expected.Activated, Activated, $"gates, {what}");
            KernelData.AssertSameBits(expected.previous, previous, $"states, {what}");
            KernelData.AssertSameBits(expected.gates, gates, $"gradients of gates, {what}");
            KernelData.AssertSameBits(expected.extra, extra, $"extra, {what}");
        }
    }
}
