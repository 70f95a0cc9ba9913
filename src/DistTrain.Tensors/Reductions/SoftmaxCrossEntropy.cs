namespace DistTrain.Tensors;

/// <summary>Softmax and sparse categorical cross-entropy in one pass, with the bits of the separate ops.</summary>
public static unsafe class SoftmaxCrossEntropy
{
    /// <summary>
    /// probabilities = softmax(logits) as <see cref="Softmax.Forward"/>; loss[r] = -log_softmax(logits)[r, label] =
    /// ln s - (x[label] - m), the value of <see cref="Softmax.LogForward"/> with its sign turned.
    /// </summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Rows of logits.</param>
    /// <param name="cols">Classes.</param>
    /// <param name="logits">[rows, cols]</param>
    /// <param name="labels">[rows], class numbers 0 ... cols - 1 as floats</param>
    /// <param name="loss">[rows]</param>
    /// <param name="probabilities">[rows, cols]; may be logits</param>
    /// <exception cref="ArgumentException">A label is not a whole number below cols; the message names its row.</exception>
    public static void Forward(
        ForkJoinPool pool,
        int rows,
        int cols,
        ReadOnlySpan<float> logits,
        ReadOnlySpan<float> labels,
        Span<float> loss,
        Span<float> probabilities)
    {
        Matrix.Check("SoftmaxCrossEntropy", rows, cols, logits, probabilities);
        Matrix.CheckLength("SoftmaxCrossEntropy", nameof(loss), loss, rows);
        CheckLabels(rows, cols, labels);
        Softmax.Run(pool, SoftmaxKind.CrossEntropy, rows, cols, logits, labels, probabilities, loss);
    }

    /// <summary>dlogits[r, c] = weight[r] · (p[r, c] - (c = label[r] ? 1 : 0)): of the sum of losses, not of their mean</summary>
    /// <param name="pool">Threads that share the rows.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="cols">Classes.</param>
    /// <param name="probabilities">[rows, cols]</param>
    /// <param name="labels">[rows]</param>
    /// <param name="dlogits">[rows, cols]; may be probabilities</param>
    /// <param name="weights">[rows], or empty for 1 everywhere</param>
    /// <exception cref="ArgumentException">A label is not a whole number below cols; the message names its row.</exception>
    public static void Backward(
        ForkJoinPool pool,
        int rows,
        int cols,
        ReadOnlySpan<float> probabilities,
        ReadOnlySpan<float> labels,
        Span<float> dlogits,
        ReadOnlySpan<float> weights = default)
    {
        Matrix.Check("SoftmaxCrossEntropy.Backward", rows, cols, probabilities, dlogits);
        CheckLabels(rows, cols, labels);
        if (!probabilities.Overlaps(dlogits))
        {
            probabilities.CopyTo(dlogits);
        }

        for (int row = 0; row < rows; row++)
        {
            dlogits[(row * cols) + (int)labels[row]] -= 1f;
        }

        if (!weights.IsEmpty)
        {
            Elementwise.ScaleRows(pool, rows, cols, dlogits, weights, dlogits);
        }
    }

    private static void CheckLabels(int rows, int cols, ReadOnlySpan<float> labels)
    {
        Matrix.CheckLength("SoftmaxCrossEntropy", nameof(labels), labels, rows);
        for (int row = 0; row < rows; row++)
        {
            float label = labels[row];
            if (!(label >= 0 && label < cols && label == MathF.Floor(label)))
            {
                throw new ArgumentException($"SoftmaxCrossEntropy: the label of row {row} is {label}; there are classes 0 to {cols - 1}.");
            }
        }
    }
}
