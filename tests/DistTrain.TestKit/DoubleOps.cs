using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.TestKit;

/// <summary>One sample through one op, in double precision.</summary>
internal static class DoubleOps
{
    /// <param name="node">Its op and shapes.</param>
    /// <param name="x">One sample of each input.</param>
    /// <param name="w">Parameters.</param>
    /// <param name="mask">Of the first input, for ops that take masks; null: none.</param>
    public static double[] Evaluate(Node node, double[][] x, double[][] w, double[]? mask) => node.Op switch
    {
        Mask op => [.. x[0].Chunk(x[0].Length / node.Shape.Length).Select(position => position.Any(v => v != op.Padding) ? 1.0 : 0)],
        View or Linear or Dropout or SpatialDropout1D => x[0],
        RecurrentLayer or Bidirectional => DoubleRecurrent.Evaluate(node, x[0], w, mask),
        Embedding table => [.. x[0].SelectMany(id => w[0].Skip((int)id * table.OutputDim).Take(table.OutputDim))],
        Dense dense => Dense(dense, x[0], w),
        Conv2D conv => Convolve(conv, node, x[0], w),
        MaxPooling2D pool => Pool(pool, node, x[0], window => window.Max()),
        AveragePooling2D pool => Pool(pool, node, x[0], window => window.Average()),
        GlobalAveragePooling2D => [.. Enumerable.Range(0, node.Shape.Length).Select(c =>
            x[0].Where((_, i) => i % node.Shape.Length == c).Average())],
        Graph.Add => [.. x[0].Select((_, i) => x.Sum(input => input[i]))],
        Graph.Multiply => [.. x[0].Select((_, i) => x.Aggregate(1.0, (product, input) => product * input[i]))],
        Concatenate concatenate => Concatenate(concatenate, node, x),
        Graph.Softmax => [.. x[0].Chunk(node.Shape.Dims[^1]).SelectMany(Softmax)],
        ReLU => Each(x[0], v => Math.Max(v, 0)),
        LeakyReLU leaky => Each(x[0], v => v > 0 ? v : leaky.NegativeSlope * v),
        Sigmoid => Each(x[0], v => 1 / (1 + Math.Exp(-v))),
        Tanh => Each(x[0], Math.Tanh),
        Gelu => Each(x[0], v => v * (1 + Erf(v / Math.Sqrt(2))) / 2),
        IDoubleFormula formula => formula.Evaluate(x),
        _ => DoubleLayers.Evaluate(node, x, w, mask),
    };

    public static double[] Softmax(double[] x)
    {
        double max = x.Max(), sum = x.Sum(v => Math.Exp(v - max));
        return Each(x, v => Math.Exp(v - max) / sum);
    }

    private static double[] Each(double[] x, Func<double, double> f) => [.. x.Select(f)];

    /// <summary>The Taylor series where it doesn't cancel, else Laplace's continued fraction of erfc (Abramowitz, Stegun 7.1.5, 7.1.14).</summary>
    private static double Erf(double z)
    {
        if (Math.Abs(z) > 2)
        {
            double fraction = Math.Abs(z);
            for (int n = 100; n > 0; n--)
            {
                fraction = Math.Abs(z) + (n / 2.0 / fraction);
            }

            return Math.Sign(z) * (1 - (Math.Exp(-z * z) / (Math.Sqrt(Math.PI) * fraction)));
        }

        double term = z, sum = z;
        for (int n = 1; n < 60; n++)
        {
            term *= -z * z / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static double[] Dense(Dense dense, double[] x, double[][] w)
    {
        int units = dense.Units, features = w[0].Length / units, positions = x.Length / features;
        double[] y = new double[positions * units];
        for (int p = 0; p < positions; p++)
        {
            for (int u = 0; u < units; u++)
            {
                double sum = dense.UseBias ? w[1][u] : 0;
                for (int f = 0; f < features; f++)
                {
                    sum += x[(p * features) + f] * w[0][(f * units) + u];
                }

                y[(p * units) + u] = sum;
            }
        }

        return y;
    }

    /// <summary>Calls visit(output position, window row, window column, input position) for every tap that lies inside.</summary>
    private static void Slide(
        Shape input, Shape output, WindowSize window, WindowSize strides, Padding padding, Action<int, int, int, int> visit)
    {
        int top = padding == Padding.Valid ? 0 : Math.Max(0, ((output[0] - 1) * strides.Height) + window.Height - input[0]) / 2;
        int left = padding == Padding.Valid ? 0 : Math.Max(0, ((output[1] - 1) * strides.Width) + window.Width - input[1]) / 2;
        for (int o = 0; o < output[0] * output[1]; o++)
        {
            for (int k = 0; k < window.Height * window.Width; k++)
            {
                int ky = k / window.Width, kx = k % window.Width;
                int iy = (o / output[1] * strides.Height) + ky - top, ix = (o % output[1] * strides.Width) + kx - left;
                if (iy >= 0 && iy < input[0] && ix >= 0 && ix < input[1])
                {
                    visit(o, ky, kx, (iy * input[1]) + ix);
                }
            }
        }
    }

    private static double[] Convolve(Conv2D conv, Node node, double[] x, double[][] w)
    {
        int channels = node.Inputs[0].Shape[2], filters = conv.Filters;
        double[] y = new double[node.Shape.Length];
        Slide(node.Inputs[0].Shape, node.Shape, conv.KernelSize, conv.Strides, conv.Padding, (o, ky, kx, i) =>
        {
            for (int c = 0; c < channels; c++)
            {
                for (int f = 0; f < filters; f++)
                {
                    int tap = (((ky * conv.KernelSize.Width) + kx) * channels) + c;
                    y[(o * filters) + f] += x[(i * channels) + c] * w[0][(tap * filters) + f];
                }
            }
        });
        return conv.UseBias ? [.. y.Select((v, i) => v + w[1][i % filters])] : y;
    }

    private static double[] Pool(Pooling2D pool, Node node, double[] x, Func<IEnumerable<double>, double> reduce)
    {
        int channels = node.Shape[2];
        List<double>[] windows = [.. Enumerable.Range(0, node.Shape.Length).Select(_ => new List<double>())];
        Slide(node.Inputs[0].Shape, node.Shape, pool.PoolSize, pool.Strides ?? pool.PoolSize, pool.Padding, (o, _, _, i) =>
        {
            for (int c = 0; c < channels; c++)
            {
                windows[(o * channels) + c].Add(x[(i * channels) + c]);
            }
        });
        return [.. windows.Select(reduce)];
    }

    private static double[] Concatenate(Concatenate op, Node node, double[][] x)
    {
        int axis = op.Axis < 0 ? node.Shape.Rank + op.Axis : op.Axis - 1;
        int inside = 1;
        foreach (int dim in node.Shape.Dims[(axis + 1)..])
        {
            inside *= dim;
        }

        int outside = node.Shape.Length / (node.Shape[axis] * inside);
        var y = new List<double>();
        for (int o = 0; o < outside; o++)
        {
            for (int i = 0; i < x.Length; i++)
            {
                int run = node.Inputs[i].Shape[axis] * inside;
                y.AddRange(x[i].Skip(o * run).Take(run));
            }
        }

        return [.. y];
    }
}
