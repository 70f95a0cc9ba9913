using System.Globalization;
using DistTrain.Tensors;
using Kernel = DistTrain.Tensors.Softmax;

namespace DistTrain.Graph;

/// <summary>Cross-entropies whose targets are shares of classes rather than one class: what the categorical losses have in common.</summary>
internal static class SoftTargets
{
    /// <exception cref="UserError">It is no share.</exception>
    public static float Checked(float labelSmoothing) => labelSmoothing is >= 0 and < 1
        ? labelSmoothing
        : throw new UserError(string.Create(CultureInfo.InvariantCulture, $"labelSmoothing: found {labelSmoothing}; allowed: a number from 0, below 1"));

    /// <summary>fma(t, 1 - smoothing, smoothing / classes); the targets themselves without smoothing.</summary>
    /// <param name="pool">Threads.</param>
    /// <param name="targets">Shares.</param>
    /// <param name="smoothing">In [0, 1).</param>
    /// <param name="classes">Among which the share is spread.</param>
    /// <param name="smoothed">As long as targets or longer.</param>
    public static ReadOnlySpan<float> Smooth(ForkJoinPool pool, ReadOnlySpan<float> targets, float smoothing, int classes, Span<float> smoothed)
    {
        if (smoothing == 0)
        {
            return targets;
        }

        smoothed = smoothed[..targets.Length];
        Elementwise.ScaleAndShift(pool, targets, 1 - smoothing, smoothing / classes, smoothed);
        return smoothed;
    }

    /// <summary>losses[i] = Σ t (-log softmax(x)) over the classes of row i, each product rounded, 16 lanes.</summary>
    public static void CrossEntropy(ForkJoinPool pool, int rows, int classes, ReadOnlySpan<float> x, ReadOnlySpan<float> targets, Span<float> losses, Span<float> products)
    {
        products = products[..x.Length];
        Kernel.LogForward(pool, rows, classes, x, products);
        Elementwise.Multiply(pool, products, targets, products);
        Elementwise.Negate(pool, products, products);
        Reductions.SumCols(pool, rows, classes, products, losses);
    }

    /// <summary>dx = softmax(x) Σt - t, for every loss that is Σ t (c - log softmax(x)).</summary>
    /// <param name="pool">Threads.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="classes">Of a row.</param>
    /// <param name="x">Logits.</param>
    /// <param name="targets">Shares.</param>
    /// <param name="dx">As long as x.</param>
    /// <param name="totals">A float a row.</param>
    public static void Slope(ForkJoinPool pool, int rows, int classes, ReadOnlySpan<float> x, ReadOnlySpan<float> targets, Span<float> dx, Span<float> totals)
    {
        totals = totals[..rows];
        Kernel.Forward(pool, rows, classes, x, dx);
        Reductions.SumCols(pool, rows, classes, targets, totals);
        Elementwise.ScaleRows(pool, rows, classes, dx, totals, dx);
        Elementwise.Subtract(pool, dx, targets, dx);
    }

    /// <summary>1 where the first largest output is the first largest target, else 0.</summary>
    public static void Right(int rows, int classes, ReadOnlySpan<float> x, ReadOnlySpan<float> targets, Span<float> right)
    {
        for (int row = 0; row < rows; row++)
        {
            right[row] = FirstMaximum(x.Slice(row * classes, classes)) == FirstMaximum(targets.Slice(row * classes, classes)) ? 1 : 0;
        }
    }

    public static int FirstMaximum(ReadOnlySpan<float> x)
    {
        int best = 0;
        for (int i = 1; i < x.Length; i++)
        {
            best = x[i] > x[best] ? i : best;
        }

        return best;
    }
}
