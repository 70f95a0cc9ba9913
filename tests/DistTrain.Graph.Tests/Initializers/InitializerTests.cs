using DistTrain.Tensors;

namespace DistTrain.Graph.Tests;

public class InitializerTests
{
    private static readonly Shape Kernel = new(3, 3, 40, 60);

    public static TheoryData<string, double> Deviations => new()
    {
        { "glorotUniform", Math.Sqrt(2.0 / (9 * (40 + 60))) },
        { "glorotNormal", Math.Sqrt(2.0 / (9 * (40 + 60))) },
        { "heUniform", Math.Sqrt(2.0 / (9 * 40)) },
        { "heNormal", Math.Sqrt(2.0 / (9 * 40)) },
        { "uniform", 0.1 / Math.Sqrt(12) },
    };

    [Theory]
    [MemberData(nameof(Deviations))]
    public void Values_have_the_mean_and_deviation_of_the_definition(string name, double deviation)
    {
        float[] values = Fill(name, Kernel);
        double mean = values.Average();
        double measured = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));

        // 21,600 draws: the mean is off by deviation / 147, the deviation by 0.5 % or less; both with four sigmas of room.
        Assert.InRange(mean, -deviation * 4 / 147, deviation * 4 / 147);
        Assert.InRange(measured, deviation * 0.98, deviation * 1.02);
    }

    [Theory]
    [InlineData("glorotUniform", 1.7320508)]
    [InlineData("heUniform", 1.7320508)]
    [InlineData("glorotNormal", 2.2736949)]
    [InlineData("heNormal", 2.2736949)]
    public void No_value_lies_beyond_the_cut(string name, double deviations)
    {
        double deviation = Deviations.Where(row => (string)row[0] == name).Select(row => (double)row[1]).Single();
        float[] values = Fill(name, Kernel);
        double largest = values.Max(v => Math.Abs((double)v));
        Assert.InRange(largest, deviation * deviations * 0.98, deviation * deviations * 1.000001);
    }

    [Theory]
    [InlineData(6, 24)]
    [InlineData(20, 5)]
    [InlineData(7, 7)]
    public void Orthogonal_rows_or_columns_are_orthonormal(int rows, int cols)
    {
        float[] values = Fill("orthogonal", new Shape(rows, cols));
        int count = Math.Min(rows, cols);
        double[][] vectors = [.. Enumerable.Range(0, count).Select(i => rows <= cols
            ? Array.ConvertAll(values[(i * cols)..((i + 1) * cols)], v => (double)v)
            : [.. values.Where((_, k) => k % cols == i).Select(v => (double)v)])];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                Assert.Equal(i == j ? 1 : 0, vectors[i].Zip(vectors[j], (a, b) => a * b).Sum(), 1e-6);
            }
        }
    }

    [Theory]
    [InlineData("normal", 0.05)]
    [InlineData("standardNormal", 1)]
    public void Normal_numbers_have_their_deviation(string name, double deviation)
    {
        float[] values = Fill(name, new Shape(100, 100));
        Assert.InRange(Math.Sqrt(values.Average(v => (double)v * v)), 0.97 * deviation, 1.03 * deviation);
        Assert.InRange(values.Average(), -0.04 * deviation, 0.04 * deviation);
    }

    [Fact]
    public void Zeros_and_ones_are_what_they_say()
    {
        Assert.All(Fill("zeros", new Shape(9)), v => Assert.Equal(0, v));
        Assert.All(Fill("ones", new Shape(9)), v => Assert.Equal(1, v));
    }

    [Fact]
    public void Initial_values_depend_on_seed_and_name_and_not_on_other_layers()
    {
        float[] First(bool more, ulong seed, string? name)
        {
            var b = new GraphBuilder();
            Value x = b.Input(8);
            x = more ? b.Activation(x, Activation.Tanh) : x;
            x = b.Dense(x, 8, name: name);
            x = more ? b.Dense(b.Dropout(x, 0.5f), 3) : x;
            Parameter kernel = b.Build(x).Parameters[0];
            float[] values = new float[kernel.Shape.Length];
            kernel.Initialize(seed, values);
            return values;
        }

        Assert.Equal(First(more: false, 1, null), First(more: true, 1, null));
        Assert.NotEqual(First(more: false, 1, null), First(more: false, 2, null));
        Assert.NotEqual(First(more: false, 1, null), First(more: false, 1, "other"));
    }

    [Fact]
    public void Unknown_names_are_answered_with_the_known_ones()
    {
        Assert.Contains("heNormal", Assert.Throws<UserError>(() => Initializer.FromName("he")).Message, StringComparison.Ordinal);
        Assert.Contains("leakyRelu", Assert.Throws<UserError>(() => Activation.FromName("Relu")).Message, StringComparison.Ordinal);
        Assert.Contains("meanSquaredError", Assert.Throws<UserError>(() => Loss.FromName("mse")).Message, StringComparison.Ordinal);
        Assert.All(Initializer.Names, name => Assert.Equal(name, Initializer.FromName(name).Name));
        Assert.All(Loss.Names, name => Assert.Equal(name, Loss.FromName(name).Name));
    }

    private static float[] Fill(string name, Shape shape)
    {
        float[] values = new float[shape.Length];
        Initializer.FromName(name).Fill(seed: 1, Philox.Stream("conv2d/kernel"), shape, values);
        return values;
    }
}
