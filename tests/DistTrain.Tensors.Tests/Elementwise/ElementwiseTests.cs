namespace DistTrain.Tensors.Tests;

public class ElementwiseTests
{
    private delegate void Op(ForkJoinPool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y);

    private static readonly Dictionary<string, (Op Run, Func<float, float, float> Scalar)> Ops = new()
    {
        ["add"] = (Elementwise.Add, (a, b) => a + b),
        ["subtract"] = (Elementwise.Subtract, (a, b) => a - b),
        ["multiply"] = (Elementwise.Multiply, (a, b) => a * b),
        ["divide"] = (Elementwise.Divide, (a, b) => a / b),
        ["scale"] = ((p, a, b, y) => Elementwise.Scale(p, a, 0.3f, y), (a, b) => a * 0.3f),
        ["addScaled"] = ((p, a, b, y) => Elementwise.AddScaled(p, a, b, 0.3f, y), (a, b) => MathF.FusedMultiplyAdd(b, 0.3f, a)),
        ["negate"] = (Unary(Elementwise.Negate), (a, b) => -a),
        ["square"] = (Unary(Elementwise.Square), (a, b) => a * a),
        ["sqrt"] = (Unary(Elementwise.Sqrt), (a, b) => MathF.Sqrt(a)),
        ["abs"] = (Unary(Elementwise.Abs), (a, b) => MathF.Abs(a)),
        ["sign"] = (Unary(Elementwise.Sign), (a, b) => Sign(a)),
        ["clip"] = ((p, a, b, y) => Elementwise.ClipByValue(p, a, 1.5f, y), (a, b) => a > 1.5f ? 1.5f : a < -1.5f ? -1.5f : a),
        ["relu"] = (Unary(Elementwise.Relu), (a, b) => a <= 0 ? 0f : a),
        ["reluBackward"] = (Elementwise.ReluBackward, (y, dy) => y <= 0 ? 0f : dy),
        ["leakyRelu"] = ((p, a, b, y) => Elementwise.LeakyRelu(p, a, 0.2f, y), (a, b) => a <= 0 ? a * 0.2f : a),
        ["leakyReluBackward"] = ((p, a, b, y) => Elementwise.LeakyReluBackward(p, a, 0.2f, b, y), (x, dy) => x <= 0 ? dy * 0.2f : dy),
        ["exp"] = (Unary(Elementwise.Exp), (a, b) => Mathematics.Exp(a)),
        ["log"] = (Unary(Elementwise.Log), (a, b) => Mathematics.Log(a)),
        ["log1p"] = (Unary(Elementwise.Log1p), (a, b) => Mathematics.Log1p(a)),
        ["sin"] = (Unary(Elementwise.Sin), (a, b) => Mathematics.Sin(a)),
        ["cos"] = (Unary(Elementwise.Cos), (a, b) => Mathematics.Cos(a)),
        ["erf"] = (Unary(Elementwise.Erf), (a, b) => Mathematics.Erf(a)),
        ["sigmoid"] = (Unary(Elementwise.Sigmoid), (a, b) => Mathematics.Sigmoid(a)),
        ["sigmoidBackward"] = (Elementwise.SigmoidBackward, (y, dy) => dy * (y * (1f - y))),
        ["tanh"] = (Unary(Elementwise.Tanh), (a, b) => Mathematics.Tanh(a)),
        ["tanhBackward"] = (Elementwise.TanhBackward, (y, dy) => dy * MathF.FusedMultiplyAdd(-y, y, 1f)),
        ["gelu"] = (Unary(Elementwise.Gelu), (a, b) => a * 0.5f * (1f + Mathematics.Erf(a * 0.707106781f))),
        ["geluBackward"] = (Elementwise.GeluBackward, GeluBackward),
        ["silu"] = (Unary(Elementwise.Silu), (a, b) => a * Mathematics.Sigmoid(a)),
        ["siluBackward"] = (Elementwise.SiluBackward, (x, dy) => dy * (Mathematics.Sigmoid(x) * MathF.FusedMultiplyAdd(x, 1 - Mathematics.Sigmoid(x), 1))),
        ["elu"] = ((p, a, b, y) => Elementwise.Elu(p, a, 0.7f, y), (a, b) => a <= 0 ? 0.7f * (Mathematics.Exp(a) - 1) : a),
        ["eluBackward"] = ((p, a, b, y) => Elementwise.EluBackward(p, a, 0.7f, b, y), (x, dy) => dy * (x <= 0 ? 0.7f * Mathematics.Exp(x) : 1)),
        ["selu"] = (Unary(Elementwise.Selu), (a, b) => a <= 0 ? 1.05070099f * 1.67326319f * (Mathematics.Exp(a) - 1) : 1.05070099f * a),
        ["seluBackward"] = (Elementwise.SeluBackward, (x, dy) => dy * (x <= 0 ? 1.05070099f * 1.67326319f * Mathematics.Exp(x) : 1.05070099f)),
        ["softplus"] = (Unary(Elementwise.Softplus), (a, b) => (a <= 0 ? 0 : a) + Mathematics.Log1p(Mathematics.Exp(-MathF.Abs(a)))),
        ["softplusBackward"] = (Elementwise.SoftplusBackward, (x, dy) => dy * Mathematics.Sigmoid(x)),
        ["preluTerms"] = (Elementwise.PReluSlopeTerms, (x, dy) => x <= 0 ? dy * x : 0f),
        ["squaredDifference"] = (Elementwise.SquaredDifference, (a, b) => (a - b) * (a - b)),
        ["absoluteDifference"] = (Elementwise.AbsoluteDifference, (a, b) => MathF.Abs(a - b)),
        ["signOfDifference"] = (Elementwise.SignOfDifference, (a, b) => Sign(a - b)),
        ["huber"] = ((p, a, b, y) => Elementwise.Huber(p, a, b, 0.7f, y), (a, b) => HuberOf(MathF.Abs(a - b), 0.7f)),
        ["huberSlope"] = ((p, a, b, y) => Elementwise.HuberSlope(p, a, b, 0.7f, y), (a, b) => a - b > 0.7f ? 0.7f : a - b < -0.7f ? -0.7f : a - b),
        ["hinge"] = (Elementwise.Hinge, (p, t) => HingeOf(p, t) <= 0 ? 0f : HingeOf(p, t)),
        ["hingeSlope"] = (Elementwise.HingeSlope, (p, t) => HingeOf(p, t) <= 0 ? 0f : t <= 0 ? 1f : -1f),
        ["divergence"] = (Elementwise.Divergence, (t, logp) => t <= 0 ? 0f : t * (Mathematics.Log(t) - logp)),
        ["scaleAndShift"] = ((p, a, b, y) => Elementwise.ScaleAndShift(p, a, 0.9f, 0.02f, y), (a, b) => MathF.FusedMultiplyAdd(a, 0.9f, 0.02f)),
        ["bceFromLogits"] = (Elementwise.BinaryCrossEntropyFromLogits, BceFromLogits),
        ["bce"] = (Elementwise.BinaryCrossEntropy, Bce),
        ["bceBackward"] = (Elementwise.BinaryCrossEntropyBackward, BceBackward),
    };

    public static TheoryData<string> Names => [.. Ops.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_length_width_and_alignment_gives_the_bits_of_the_scalar_formula(string name)
    {
        (Op run, Func<float, float, float> scalar) = Ops[name];
        float[] a = Bits.Values(300, 1), b = Bits.Values(300, 2);
        var expected = new float[300];
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = scalar(a[i], b[i]);
        }

        var y = new float[300];
        foreach (int width in Bits.Widths)
        {
            Lanes.Force(width, () =>
            {
                for (int length = 0; length <= 260; length++)
                {
                    int start = (length * 7) % 17;
                    Array.Fill(y, 77f);
                    run(ForkJoinPool.Single, a.AsSpan(start, length), b.AsSpan(start, length), y.AsSpan(3, length));
                    Bits.Equal(expected.AsSpan(start, length), y.AsSpan(3, length), $"{name}, width {width}, length {length}");
                    if (y[2] != 77f || y[3 + length] != 77f)
                    {
                        Assert.Fail($"{name} wrote beyond its {length} elements at width {width}");
                    }
                }
            });
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void In_place_and_on_several_threads_the_bits_are_the_same(string name)
    {
        using var pool = new ForkJoinPool(2);
        const int Length = 100_003;
        float[] a = Bits.Values(Length, 3), b = Bits.Values(Length, 4), expected = new float[Length], actual = new float[Length];
        Ops[name].Run(ForkJoinPool.Single, a, b, expected);
        Ops[name].Run(pool, a, b, actual);
        Bits.Equal(expected, actual, name + " on two threads");
        a.CopyTo(actual, 0);
        Ops[name].Run(pool, actual, b, actual);
        Bits.Equal(expected, actual, name + " in place");
    }

    [Fact]
    public void Formulas_are_close_to_double_precision()
    {
        float[] x = Bits.Finite(2000, 5, 12f), t = Bits.Finite(2000, 6, 1f), y = new float[2000];
        Elementwise.BinaryCrossEntropyFromLogits(ForkJoinPool.Single, x, t, y);
        for (int i = 0; i < x.Length; i++)
        {
            double exact = Math.Max(x[i], 0) - ((double)x[i] * t[i]) + Math.Log(1 + Math.Exp(-Math.Abs(x[i])));
            Assert.Equal(exact, y[i], 2e-6);
        }

        // PyTorch's documented values: gelu(1) = 0.8413, gelu(-1) = -0.1587, gelu'(0) = 0.5.
        float[] points = [1f, -1f, 0f], ones = [1f, 1f, 1f], values = new float[3];
        Elementwise.Gelu(ForkJoinPool.Single, points, values);
        Assert.Equal(0.841344746, values[0], 1e-6);
        Assert.Equal(-0.158655254, values[1], 1e-6);
        Elementwise.GeluBackward(ForkJoinPool.Single, points, ones, values);
        Assert.Equal(1.083315470, values[0], 1e-6);
        Assert.Equal(-0.083315470, values[1], 1e-6);
        Assert.Equal(0.5, values[2], 1e-7);
    }

    [Fact]
    public void Lengths_that_differ_and_shifted_overlaps_are_refused()
    {
        var x = new float[20];
        Assert.Throws<ArgumentException>(() => Elementwise.Exp(ForkJoinPool.Single, x, new float[19]));
        Assert.Throws<ArgumentException>(() => Elementwise.Add(ForkJoinPool.Single, x, new float[19], new float[20]));
        Assert.Throws<ArgumentException>(() => Elementwise.Exp(ForkJoinPool.Single, x.AsSpan(0, 10), x.AsSpan(1, 10)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 10)]
    [InlineData(1000, 10)]
    [InlineData(700, 1)]
    [InlineData(97, 67)]
    [InlineData(40, 1500)]
    [InlineData(0, 5)]
    public void Bias_and_row_factors_equal_the_loops(int rows, int cols)
    {
        using var pool = new ForkJoinPool(2);
        float[] x = Bits.Values(rows * cols, 7), bias = Bits.Finite(cols, 8), factors = Bits.Finite(rows, 9);
        float[] y = new float[x.Length], added = new float[x.Length], scaled = new float[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            added[i] = x[i] + bias[i % cols];
            scaled[i] = x[i] * factors[i / cols];
        }

        Elementwise.AddBias(pool, rows, cols, x, bias, y);
        Bits.Equal(added, y, "bias");
        Elementwise.ScaleRows(pool, rows, cols, x, factors, y);
        Bits.Equal(scaled, y, "row factors");
    }

    private static Op Unary(UnaryOp op) => (pool, a, _, y) => op(pool, a, y);

    private delegate void UnaryOp(ForkJoinPool pool, ReadOnlySpan<float> x, Span<float> y);

    private static float Sign(float x) => float.IsNaN(x) ? x : x > 0 ? 1f : x < 0 ? -1f : 0f;

    private static float GeluBackward(float x, float dy)
    {
        float below = MathF.FusedMultiplyAdd(0.5f, Mathematics.Erf(x * 0.707106781f), 0.5f);
        return dy * MathF.FusedMultiplyAdd(x * 0.398942280f, Mathematics.Exp(x * x * -0.5f), below);
    }

    private static float HuberOf(float m, float delta)
    {
        float limited = m > delta ? delta : m;
        return limited * (m - (0.5f * limited));
    }

    private static float HingeOf(float p, float t) => 1f - ((t <= 0 ? -1f : 1f) * p);

    private static float BceFromLogits(float x, float t) => (x <= 0 ? 0f : x) - (x * t) + Mathematics.Log1p(Mathematics.Exp(-MathF.Abs(x)));

    private static float Limited(float p) => p < 1e-7f ? 1e-7f : p > 1f - 1e-7f ? 1f - 1e-7f : p;

    private static float Bce(float p, float t) =>
        -(t * Mathematics.Log(Limited(p))) - ((1f - t) * Mathematics.Log(1f - Limited(p)));

    private static float BceBackward(float p, float t)
    {
        float q = Limited(p);
        return float.IsNaN(p) ? p : q == p ? (q - t) / (q * (1f - q)) : 0f;
    }
}
