namespace DistTrain.Tensors;

/// <summary>The definition of <see cref="Recurrent"/>: sample by sample, step by step, unit by unit.</summary>
internal static class RecurrentReference
{
    /// <inheritdoc cref="Recurrent.Forward"/>
    public static void Forward(
        RecurrentKind kind, RecurrentShape shape, float[] kernel, float[] bias, float[] mask, float[] gates, float[] previous, float[] extra, float[] y)
    {
        int n = shape.Units, g = RecurrentSizes.Of(kind).Gates, e = RecurrentSizes.Of(kind).Extra;
        for (int row = 0; row < shape.Rows; row++)
        {
            float[] h = new float[n], c = new float[n];
            for (int step = 0; step < shape.Steps; step++)
            {
                int at = (row * shape.Steps) + shape.Time(step);
                Span<float> p = gates.AsSpan(at * g * n, g * n), kept = extra.AsSpan(at * e * n, e * n);
                h.CopyTo(previous, at * n);
                if (mask.Length > 0 && mask[at] == 0)
                {
                    kept.Clear();
                    c.AsSpan(0, kind == RecurrentKind.Lstm ? n : 0).CopyTo(kept);
                }
                else
                {
                    h = Step(kind, kernel, bias, p, kept, h, c);
                }

                if (shape.OutputAt(row, step) is >= 0 and nint output)
                {
                    h.CopyTo(y, output);
                }
            }
        }
    }

    /// <inheritdoc cref="Recurrent.Backward"/>
    public static void Backward(
        RecurrentKind kind, RecurrentShape shape, float[] kernel, float[] mask, float[] gates, float[] previous, float[] extra, float[] dy)
    {
        int n = shape.Units, g = RecurrentSizes.Of(kind).Gates, e = RecurrentSizes.Of(kind).Extra;
        for (int row = 0; row < shape.Rows; row++)
        {
            float[] carry = new float[n], product = new float[n], dc = new float[n];
            for (int step = shape.Steps - 1; step >= 0; step--)
            {
                int at = (row * shape.Steps) + shape.Time(step), before = (row * shape.Steps) + shape.Time(Math.Max(step - 1, 0));
                float[] dh = [.. Enumerable.Range(0, n).Select(j => carry[j] + product[j])];
                if (shape.OutputAt(row, step) is >= 0 and nint output)
                {
                    dh = [.. Enumerable.Range(0, n).Select(j => dy[output + j] + dh[j])];
                }

                Span<float> gate = gates.AsSpan(at * g * n, g * n), kept = extra.AsSpan(at * e * n, e * n);
                if (mask.Length > 0 && mask[at] == 0)
                {
                    carry = dh;
                    product = new float[n];
                    gate.Clear();
                    kept[..(kind == RecurrentKind.Lstm ? 0 : kept.Length)].Clear();
                    continue;
                }

                float[] cellBefore = step == 0 || kind != RecurrentKind.Lstm ? new float[n] : extra[(before * n)..((before + 1) * n)];
                (carry, product) = StepBackward(kind, kernel, gate, kept, previous[(at * n)..((at + 1) * n)], cellBefore, dh, dc);
            }
        }
    }

    private static float[] Step(RecurrentKind kind, float[] kernel, float[] bias, Span<float> p, Span<float> extra, float[] before, float[] c)
    {
        int n = before.Length, g = p.Length / n;
        float[] h = new float[n], q = Product(kernel, g * n, before, 0, g * n);
        for (int j = 0; j < bias.Length; j++)
        {
            q[j] += bias[j];
        }

        if (kind == RecurrentKind.GruResetBefore)
        {
            for (int j = 0; j < n; j++)
            {
                p[n + j] = Mathematics.Sigmoid(p[n + j] + q[n + j]);
                extra[j] = p[n + j] * before[j];
            }

            Product(kernel, g * n, extra.ToArray(), 2 * n, n).CopyTo(q, 2 * n);
        }

        for (int j = 0; j < n; j++)
        {
            switch (kind)
            {
                case RecurrentKind.SimpleTanh:
                    h[j] = p[j] = Mathematics.Tanh(p[j] + q[j]);
                    break;
                case RecurrentKind.SimpleRelu:
                    h[j] = p[j] = p[j] + q[j] <= 0 ? 0 : p[j] + q[j];
                    break;
                case RecurrentKind.Lstm:
                    p[j] = Mathematics.Sigmoid(p[j] + q[j]);
                    p[n + j] = Mathematics.Sigmoid(p[n + j] + q[n + j]);
                    p[(2 * n) + j] = Mathematics.Tanh(p[(2 * n) + j] + q[(2 * n) + j]);
                    p[(3 * n) + j] = Mathematics.Sigmoid(p[(3 * n) + j] + q[(3 * n) + j]);
                    extra[j] = c[j] = MathF.FusedMultiplyAdd(p[n + j], c[j], p[j] * p[(2 * n) + j]);
                    h[j] = p[(3 * n) + j] * Mathematics.Tanh(c[j]);
                    break;
                default:
                    p[j] = Mathematics.Sigmoid(p[j] + q[j]);
                    if (kind == RecurrentKind.Gru)
                    {
                        p[n + j] = Mathematics.Sigmoid(p[n + j] + q[n + j]);
                        extra[(2 * n) + j] = q[(2 * n) + j];
                    }

                    p[(2 * n) + j] = Mathematics.Tanh(kind == RecurrentKind.Gru
                        ? MathF.FusedMultiplyAdd(p[n + j], q[(2 * n) + j], p[(2 * n) + j])
                        : p[(2 * n) + j] + q[(2 * n) + j]);
                    h[j] = MathF.FusedMultiplyAdd(p[j], before[j] - p[(2 * n) + j], p[(2 * n) + j]);
                    break;
            }
        }

        return h;
    }

    private static (float[] Carry, float[] Product) StepBackward(
        RecurrentKind kind, float[] kernel, Span<float> gate, Span<float> extra, float[] before, float[] cellBefore, float[] dh, float[] dc)
    {
        int n = dh.Length, g = gate.Length / n;
        float[] carry = new float[n], factor = new float[g * n];
        for (int j = 0; j < n; j++)
        {
            switch (kind)
            {
                case RecurrentKind.SimpleTanh:
                    gate[j] = dh[j] * OneMinusSquare(gate[j]);
                    break;
                case RecurrentKind.SimpleRelu:
                    gate[j] = gate[j] <= 0 ? 0 : dh[j];
                    break;
                case RecurrentKind.Lstm:
                    (float i, float f, float u, float o) = (gate[j], gate[n + j], gate[(2 * n) + j], gate[(3 * n) + j]);
                    float squashed = Mathematics.Tanh(extra[j]);
                    dc[j] = MathF.FusedMultiplyAdd(dh[j] * o, OneMinusSquare(squashed), dc[j]);
                    gate[j] = dc[j] * u * Slope(i);
                    gate[n + j] = dc[j] * cellBefore[j] * Slope(f);
                    gate[(2 * n) + j] = dc[j] * i * OneMinusSquare(u);
                    gate[(3 * n) + j] = dh[j] * squashed * Slope(o);
                    dc[j] *= f;
                    break;
                default:
                    (float z, float r, float m) = (gate[j], gate[n + j], gate[(2 * n) + j]);
                    carry[j] = dh[j] * z;
                    gate[j] = dh[j] * (before[j] - m) * Slope(z);
                    gate[(2 * n) + j] = dh[j] * (1 - z) * OneMinusSquare(m);
                    gate[n + j] = kind == RecurrentKind.Gru ? gate[(2 * n) + j] * extra[(2 * n) + j] * Slope(r) : r;
                    factor[(2 * n) + j] = gate[(2 * n) + j] * r;
                    break;
            }
        }

        if (kind == RecurrentKind.GruResetBefore)
        {
            float[] reset = Transposed(kernel, g * n, gate[(2 * n)..].ToArray(), 2 * n, n);
            for (int j = 0; j < n; j++)
            {
                float r = gate[n + j];
                gate[n + j] = reset[j] * before[j] * Slope(r);
                carry[j] = MathF.FusedMultiplyAdd(reset[j], r, carry[j]);
            }

            return (carry, Transposed(kernel, g * n, gate[..(2 * n)].ToArray(), 0, n));
        }

        gate[..(kind == RecurrentKind.Gru ? 2 * n : g * n)].CopyTo(factor);
        if (kind == RecurrentKind.Gru)
        {
            factor.CopyTo(extra);
        }

        return (carry, Transposed(kernel, g * n, factor, 0, n));
    }

    private static float Slope(float y) => y * (1 - y);

    private static float OneMinusSquare(float y) => MathF.FusedMultiplyAdd(-y, y, 1);

    /// <summary>x times columns [first, first + count) of a kernel.</summary>
    private static float[] Product(float[] kernel, int columns, float[] x, int first, int count)
    {
        float[] y = new float[count];
        for (int j = 0; j < count; j++)
        {
            for (int k = 0; k < x.Length; k++)
            {
                y[j] = MathF.FusedMultiplyAdd(x[k], kernel[(k * columns) + first + j], y[j]);
            }
        }

        return y;
    }

    /// <summary>x times the transpose of columns [first, first + x.Length) of a kernel of so many rows.</summary>
    private static float[] Transposed(float[] kernel, int columns, float[] x, int first, int rows)
    {
        float[] y = new float[rows];
        for (int i = 0; i < rows; i++)
        {
            for (int k = 0; k < x.Length; k++)
            {
                y[i] = MathF.FusedMultiplyAdd(x[k], kernel[(i * columns) + first + k], y[i]);
            }
        }

        return y;
    }
}
