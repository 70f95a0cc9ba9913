using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.TestKit;

/// <summary>One sample through the layers of convolution, normalisation and attention, in double precision.</summary>
internal static class DoubleLayers
{
    public static double[] Evaluate(Node node, double[][] x, double[][] w, double[]? mask) => node.Op switch
    {
        Silu => Each(x[0], v => v / (1 + Math.Exp(-v))),
        Elu elu => Each(x[0], v => v > 0 ? v : elu.Alpha * (Math.Exp(v) - 1)),
        Selu => Each(x[0], v => 1.0507009873554805 * (v > 0 ? v : 1.6732632423543772 * (Math.Exp(v) - 1))),
        Softplus => Each(x[0], v => Math.Log(1 + Math.Exp(v))),
        PReLU => [.. x[0].Select((v, i) => v > 0 ? v : w[0][i % w[0].Length] * v)],
        GlobalAveragePooling1D => [.. Enumerable.Range(0, node.Shape.Length).Select(i => x[0].Chunk(node.Shape.Length)
            .Where((_, position) => mask is null || mask[position] != 0).Select(features => features[i]).DefaultIfEmpty(0).Average())],
        Permute permute => Permuted(permute, node, x[0]),
        ZeroPadding2D padding => Padded(padding, node, x[0]),
        UpSampling2D up => UpSampled(up, node, x[0]),
        Conv1D conv => Sequence(conv, node, x[0], w),
        Conv2DTranspose conv => Transposed(conv, node, x[0], w),
        DepthwiseConv2D conv => Depthwise(conv, node, x[0], w),
        LayerNormalization norm => [.. x[0].Chunk(node.Shape.Dims[^1]).SelectMany(row => Normalized(norm, row, w))],
        PositionEmbedding => [.. x[0].Select((v, i) => v + w[0][i])],
        AttentionHeads heads => Attention(heads, node, x, mask),
        _ => throw new NotSupportedException($"{node.Op} has no formula here."),
    };

    private static double[] Each(double[] x, Func<double, double> f) => [.. x.Select(f)];

    private static double[] Permuted(Permute op, Node node, double[] x)
    {
        Shape from = node.Inputs[0].Shape;
        double[] y = new double[x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            int[] place = new int[from.Rank];
            int rest = i;
            for (int axis = node.Shape.Rank - 1; axis >= 0; axis--)
            {
                place[op.Dims[axis] - 1] = rest % node.Shape[axis];
                rest /= node.Shape[axis];
            }

            int at = 0;
            for (int axis = 0; axis < from.Rank; axis++)
            {
                at = (at * from[axis]) + place[axis];
            }

            y[i] = x[at];
        }

        return y;
    }

    private static double[] Padded(ZeroPadding2D op, Node node, double[] x) => Pictured(node.Shape, (oy, ox, c) =>
    {
        Shape input = node.Inputs[0].Shape;
        int iy = oy - op.Top, ix = ox - op.Left;
        return iy < 0 || iy >= input[0] || ix < 0 || ix >= input[1] ? 0 : x[(((iy * input[1]) + ix) * input[2]) + c];
    });

    private static double[] UpSampled(UpSampling2D op, Node node, double[] x)
    {
        Shape input = node.Inputs[0].Shape;
        double Pixel(int iy, int ix, int c) => x[(((iy * input[1]) + ix) * input[2]) + c];
        return Pictured(node.Shape, (oy, ox, c) =>
        {
            if (op.Interpolation == Interpolation.Nearest)
            {
                return Pixel(oy / op.Size.Height, ox / op.Size.Width, c);
            }

            double y = Math.Max(((oy + 0.5) / op.Size.Height) - 0.5, 0), z = Math.Max(((ox + 0.5) / op.Size.Width) - 0.5, 0);
            int top = (int)y, left = (int)z, bottom = Math.Min(top + 1, input[0] - 1), right = Math.Min(left + 1, input[1] - 1);
            return ((1 - (y - top)) * (((1 - (z - left)) * Pixel(top, left, c)) + ((z - left) * Pixel(top, right, c))))
                + ((y - top) * (((1 - (z - left)) * Pixel(bottom, left, c)) + ((z - left) * Pixel(bottom, right, c))));
        });
    }

    private static double[] Pictured(Shape shape, Func<int, int, int, double> pixel) => [.. Enumerable.Range(0, shape.Length)
        .Select(i => pixel(i / shape[2] / shape[1], i / shape[2] % shape[1], i % shape[2]))];

    private static double[] Sequence(Conv1D op, Node node, double[] x, double[][] w)
    {
        Shape input = node.Inputs[0].Shape;
        int total = Math.Max(0, ((node.Shape[0] - 1) * op.Strides) + op.KernelSize - input[0]);
        int before = op.Padding switch { SequencePadding.Same => total / 2, SequencePadding.Causal => op.KernelSize - 1, _ => 0 };
        double[] y = new double[node.Shape.Length];
        for (int i = 0; i < y.Length; i++)
        {
            int step = i / op.Filters, filter = i % op.Filters;
            y[i] = op.UseBias ? w[1][filter] : 0;
            for (int k = 0; k < op.KernelSize; k++)
            {
                int at = (step * op.Strides) + k - before;
                for (int c = 0; c < input[1] && at >= 0 && at < input[0]; c++)
                {
                    y[i] += x[(at * input[1]) + c] * w[0][(((k * input[1]) + c) * op.Filters) + filter];
                }
            }
        }

        return y;
    }

    private static double[] Transposed(Conv2DTranspose op, Node node, double[] x, double[][] w)
    {
        Shape input = node.Inputs[0].Shape, output = node.Shape;
        int top = op.Padding == Padding.Same ? Math.Max(op.KernelSize.Height - op.Strides.Height, 0) / 2 : 0;
        int left = op.Padding == Padding.Same ? Math.Max(op.KernelSize.Width - op.Strides.Width, 0) / 2 : 0;
        double[] y = new double[output.Length];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = op.UseBias ? w[1][i % op.Filters] : 0;
        }

        for (int i = 0; i < x.Length; i++)
        {
            int channel = i % input[2], ix = i / input[2] % input[1], iy = i / input[2] / input[1];
            for (int k = 0; k < op.KernelSize.Height * op.KernelSize.Width; k++)
            {
                int oy = (iy * op.Strides.Height) + (k / op.KernelSize.Width) - top, ox = (ix * op.Strides.Width) + (k % op.KernelSize.Width) - left;
                for (int f = 0; f < op.Filters && oy >= 0 && oy < output[0] && ox >= 0 && ox < output[1]; f++)
                {
                    y[(((oy * output[1]) + ox) * op.Filters) + f] += x[i] * w[0][(((k * op.Filters) + f) * input[2]) + channel];
                }
            }
        }

        return y;
    }

    private static double[] Depthwise(DepthwiseConv2D op, Node node, double[] x, double[][] w)
    {
        Shape input = node.Inputs[0].Shape;
        int top = op.Padding == Padding.Valid ? 0 : Math.Max(0, ((node.Shape[0] - 1) * op.Strides.Height) + op.KernelSize.Height - input[0]) / 2;
        int left = op.Padding == Padding.Valid ? 0 : Math.Max(0, ((node.Shape[1] - 1) * op.Strides.Width) + op.KernelSize.Width - input[1]) / 2;
        return Pictured(node.Shape, (oy, ox, c) =>
        {
            double sum = op.UseBias ? w[1][c] : 0;
            for (int k = 0; k < op.KernelSize.Height * op.KernelSize.Width; k++)
            {
                int iy = (oy * op.Strides.Height) + (k / op.KernelSize.Width) - top, ix = (ox * op.Strides.Width) + (k % op.KernelSize.Width) - left;
                sum += iy < 0 || iy >= input[0] || ix < 0 || ix >= input[1] ? 0 : x[(((iy * input[1]) + ix) * input[2]) + c] * w[0][(k * input[2]) + c];
            }

            return sum;
        });
    }

    private static IEnumerable<double> Normalized(LayerNormalization op, double[] x, double[][] w)
    {
        double mean = x.Average(), root = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + op.Epsilon);
        return x.Select((v, i) => ((v - mean) / root * (op.Scale ? w[0][i] : 1)) + (op.Center ? w[^1][i] : 0));
    }

    private static double[] Attention(AttentionHeads op, Node node, double[][] x, double[]? mask)
    {
        int width = node.Shape[1], head = width / op.Heads, queries = node.Shape[0];
        double[] from = op.Cross ? x[1] : x[0];
        int queryStride = op.Cross ? width : 3 * width, keyStride = op.Cross ? 2 * width : 3 * width, first = op.Cross ? 0 : width;
        double[] y = new double[node.Shape.Length];
        for (int i = 0; i < queries * op.Heads; i++)
        {
            int query = i / op.Heads, column = i % op.Heads * head;
            int[] seen = [.. Enumerable.Range(0, from.Length / keyStride).Where(j => (!op.Causal || j <= query) && (op.Cross || mask?[j] != 0))];
            if (seen.Length == 0)
            {
                continue;
            }

            double[] p = DoubleOps.Softmax([.. seen.Select(j => Enumerable.Range(column, head)
                .Sum(c => x[0][(query * queryStride) + c] * from[(j * keyStride) + first + c]) / Math.Sqrt(head))]);
            for (int c = column; c < column + head; c++)
            {
                y[(query * width) + c] = seen.Select((j, k) => p[k] * from[(j * keyStride) + first + width + c]).Sum();
            }
        }

        return y;
    }
}
