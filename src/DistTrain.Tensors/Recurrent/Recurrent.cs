namespace DistTrain.Tensors;

/// <summary>
/// Recurrent layers through time. With p = x W + b of all steps (one product, made by the caller), the walk adds the state's part and
/// keeps what backward needs; backward leaves d p where p was, from which the gradients of W, U, b and x are products again.
/// </summary>
/// <remarks>
/// Formulas, products by the rule of <see cref="MatMul"/>, sigma and tanh those of <see cref="Mathematics"/>, one column block of W, U and b
/// for each gate; h' is the state before the step, +0 before the first, q = h' U (+ its bias, one rounding):
/// <list type="bullet">
/// <item>SimpleTanh, SimpleRelu: h = tanh(p + q), relu(p + q).</item>
/// <item>Lstm: i, f, o = sigma(p + q), g = tanh(p + q); c = fma(f, c', i g); h = o tanh c. Gates in the order i, f, g, o.</item>
/// <item>Gru: z, r = sigma(p + q); n = tanh(fma(r, q, p)); h = fma(z, h' - n, n). Gates in the order z, r, n.</item>
/// <item>GruResetBefore: as Gru with n = tanh(p + q), q = (r h') U.</item>
/// </list>
/// A step that is padding leaves state and cell as they are; its output is the state, its gates' gradients are +0. Samples don't
/// depend on each other, so neither blocks nor threads show in the bits. Gradients: docs/numerics.md.
/// </remarks>
public static unsafe class Recurrent
{
    /// <summary>Walks through time.</summary>
    /// <param name="pool">Threads that share the samples.</param>
    /// <param name="kind">The formulas; G gates and E extra by <see cref="RecurrentSizes"/>.</param>
    /// <param name="shape">Sizes, direction and layout of the output.</param>
    /// <param name="kernel">U: [units, G units]</param>
    /// <param name="bias">Of the recurrent product, [G units], for Gru; empty for none.</param>
    /// <param name="mask">[rows, steps], 0 for padding; empty when every step is there.</param>
    /// <param name="gates">[rows, steps, G units]: p, becomes the gates' values.</param>
    /// <param name="previous">[rows, steps, units]: overwritten by h'.</param>
    /// <param name="extra">[rows, steps, E units]: overwritten.</param>
    /// <param name="y">[rows, steps or 1, output width]: the layer's units of each step are overwritten, other columns stay.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public static void Forward(
        ForkJoinPool pool,
        RecurrentKind kind,
        RecurrentShape shape,
        ReadOnlySpan<float> kernel,
        ReadOnlySpan<float> bias,
        ReadOnlySpan<float> mask,
        Span<float> gates,
        Span<float> previous,
        Span<float> extra,
        Span<float> y)
    {
        if (!bias.IsEmpty && kind != RecurrentKind.Gru)
        {
            throw new ArgumentException($"{kind} has no bias of its recurrent product.", nameof(bias));
        }

        Run(pool, kind, shape, kernel, bias, mask, gates, previous, extra, y, backward: false);
    }

    /// <summary>Walks back through time.</summary>
    /// <param name="pool">Threads that share the samples.</param>
    /// <param name="kind">As in forward.</param>
    /// <param name="shape">As in forward.</param>
    /// <param name="kernel">As in forward.</param>
    /// <param name="mask">As in forward.</param>
    /// <param name="gates">As forward left it; becomes d p.</param>
    /// <param name="previous">As forward left it.</param>
    /// <param name="extra">As forward left it; of Gru it becomes d q.</param>
    /// <param name="dy">Gradient of the output, laid out as it.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public static void Backward(
        ForkJoinPool pool,
        RecurrentKind kind,
        RecurrentShape shape,
        ReadOnlySpan<float> kernel,
        ReadOnlySpan<float> mask,
        Span<float> gates,
        ReadOnlySpan<float> previous,
        Span<float> extra,
        ReadOnlySpan<float> dy) => Run(pool, kind, shape, kernel, default, mask, gates, previous, extra, dy, backward: true);

    private static void Run(
        ForkJoinPool pool,
        RecurrentKind kind,
        RecurrentShape shape,
        ReadOnlySpan<float> kernel,
        ReadOnlySpan<float> bias,
        ReadOnlySpan<float> mask,
        Span<float> gates,
        ReadOnlySpan<float> previous,
        Span<float> extra,
        ReadOnlySpan<float> output,
        bool backward)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var sizes = RecurrentSizes.Of(kind);
        long steps = (long)shape.Rows * shape.Steps, columns = (long)sizes.Gates * shape.Units;
        Check(nameof(kernel), kernel, shape.Units * columns);
        Check(nameof(bias), bias, bias.IsEmpty ? 0 : columns);
        Check(nameof(mask), mask, mask.IsEmpty ? 0 : steps);
        Check(nameof(gates), gates, steps * columns);
        Check(nameof(previous), previous, steps * shape.Units);
        Check(nameof(extra), extra, steps * sizes.Extra * shape.Units);
        Check(nameof(output), output, shape.OutputLength);
        if (shape.OutputOffset < 0 || shape.OutputOffset + shape.Units > shape.Width)
        {
            throw new ArgumentException($"{shape.Units} units at {shape.OutputOffset} don't fit in steps of {shape.Width}.", nameof(shape));
        }

        fixed (float* k = kernel, b = bias, m = mask, g = gates, p = previous, e = extra, o = output)
        {
            var call = new RecurrentCall
            {
                Shape = shape,
                Sizes = sizes,
                Kernel = k,
                Bias = b,
                Mask = m,
                Gates = g,
                Previous = p,
                Extra = e,
                Output = o,
            };
            switch (kind)
            {
                case RecurrentKind.SimpleTanh:
                    RecurrentDriver.Run<SimpleTanhCell>(pool, ref call, backward);
                    break;
                case RecurrentKind.SimpleRelu:
                    RecurrentDriver.Run<SimpleReluCell>(pool, ref call, backward);
                    break;
                case RecurrentKind.Lstm:
                    RecurrentDriver.Run<LstmCell>(pool, ref call, backward);
                    break;
                case RecurrentKind.Gru:
                    RecurrentDriver.Run<GruCell>(pool, ref call, backward);
                    break;
                default:
                    RecurrentDriver.Run<GruResetBeforeCell>(pool, ref call, backward);
                    break;
            }
        }
    }

    private static void Check(string name, ReadOnlySpan<float> span, long length)
    {
        if (span.Length != length)
        {
            throw new ArgumentException($"Recurrent: {name} has {span.Length} floats, its shape {length}.", name);
        }
    }
}
