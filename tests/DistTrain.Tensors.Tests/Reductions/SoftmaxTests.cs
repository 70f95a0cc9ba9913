namespace DistTrain.Tensors.Tests;

public class SoftmaxTests
{
    [Fact]
    public void Every_form_equals_its_plain_operations_in_every_width()
    {
        foreach (int width in Bits.Widths)
        {
            Lanes.Force(width, () =>
            {
                foreach (int cols in new[] { 1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 100, 257 })
                {
                    CompareForms(width, cols);
                }
            });
        }
    }

    [Fact]
    public void Values_are_close_to_double_precision_and_do_not_overflow()
    {
        float[] x = [1000f, 999f, -1000f, 3f, 1f, 2f], y = new float[6], lse = new float[2];
        Softmax.Forward(ForkJoinPool.Single, 2, 3, x, y);
        double e = Math.Exp(-1), s = 1 + e;
        Assert.Equal(1 / s, y[0], 1e-7);
        Assert.Equal(e / s, y[1], 1e-7);
        Assert.Equal(0f, y[2]);
        Softmax.LogSumExp(ForkJoinPool.Single, 2, 3, x, lse);
        Assert.Equal(1000 + Math.Log(s), lse[0], 1e-4);
        Assert.Equal(Math.Log(Math.Exp(3) + Math.Exp(1) + Math.Exp(2)), lse[1], 1e-6);
    }

    [Fact]
    public void Fused_cross_entropy_equals_its_separate_operations()
    {
        const int Rows = 5, Cols = 10;
        float[] logits = Bits.Finite(Rows * Cols, 3, 20f), labels = [0f, 9f, 3f, 4f, 5f], weights = [1f, 2f, 0f, 0.5f, 1f];
        float[] loss = new float[Rows], probabilities = new float[Rows * Cols], softmax = new float[Rows * Cols], logs = new float[Rows * Cols];
        SoftmaxCrossEntropy.Forward(ForkJoinPool.Single, Rows, Cols, logits, labels, loss, probabilities);
        Softmax.Forward(ForkJoinPool.Single, Rows, Cols, logits, softmax);
        Softmax.LogForward(ForkJoinPool.Single, Rows, Cols, logits, logs);
        Bits.Equal(softmax, probabilities, "probabilities");
        var gradient = new float[Rows * Cols];
        SoftmaxCrossEntropy.Backward(ForkJoinPool.Single, Rows, Cols, probabilities, labels, gradient, weights);
        for (int row = 0; row < Rows; row++)
        {
            Bits.Equal([0f - logs[(row * Cols) + (int)labels[row]]], [loss[row]], "loss");
            for (int c = 0; c < Cols; c++)
            {
                float expected = (softmax[(row * Cols) + c] - (c == (int)labels[row] ? 1f : 0f)) * weights[row];
                Bits.Equal([expected], [gradient[(row * Cols) + c]], "gradient");
            }
        }
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(3f)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    public void A_label_that_is_no_class_is_named_with_its_row(float label)
    {
        var error = Assert.Throws<ArgumentException>(() =>
            SoftmaxCrossEntropy.Forward(ForkJoinPool.Single, 2, 3, new float[6], [0f, label], new float[2], new float[6]));
        Assert.Contains("row 1", error.Message, StringComparison.Ordinal);
    }

    private static void CompareForms(int width, int cols)
    {
        const int Rows = 3;
        float[] x = Bits.Finite((Rows * cols) + 1, cols, 12f), dy = Bits.Finite(Rows * cols, cols + 1);
        float[] y = new float[Rows * cols], logs = new float[Rows * cols], dx = new float[Rows * cols], lse = new float[Rows];
        float[] expectedY = new float[y.Length], expectedLogs = new float[y.Length], expectedDx = new float[y.Length], expectedLse = new float[Rows];
        for (int row = 0; row < Rows; row++)
        {
            float[] values = x.AsSpan(1 + (row * cols), cols).ToArray();
            float max = ReductionsReference.Fold(values, MathF.Max);
            float[] e = Array.ConvertAll(values, v => Mathematics.Exp(v - max));
            float sum = ReductionsReference.Fold(e, (a, b) => a + b);
            expectedLse[row] = max + Mathematics.Log(sum);
            var products = new float[cols];
            for (int c = 0; c < cols; c++)
            {
                int i = (row * cols) + c;
                expectedY[i] = e[c] / sum;
                expectedLogs[i] = values[c] - max - Mathematics.Log(sum);
                products[c] = expectedY[i] * dy[i];
            }

            float dot = ReductionsReference.Fold(products, (a, b) => a + b);
            for (int i = row * cols; i < (row + 1) * cols; i++)
            {
                expectedDx[i] = expectedY[i] * (dy[i] - dot);
            }
        }

        Span<float> input = x.AsSpan(1);
        Softmax.Forward(ForkJoinPool.Single, Rows, cols, input, y);
        Bits.Equal(expectedY, y, $"softmax of {cols}, width {width}");
        Softmax.LogForward(ForkJoinPool.Single, Rows, cols, input, logs);
        Bits.Equal(expectedLogs, logs, $"log softmax of {cols}, width {width}");
        Softmax.LogSumExp(ForkJoinPool.Single, Rows, cols, input, lse);
        Bits.Equal(expectedLse, lse, $"log-sum-exp of {cols}, width {width}");
        Softmax.Backward(ForkJoinPool.Single, Rows, cols, y, dy, dx);
        Bits.Equal(expectedDx, dx, $"softmax backward of {cols}, width {width}");
        Softmax.Forward(ForkJoinPool.Single, Rows, cols, input, input);
        Bits.Equal(expectedY, input, $"softmax in place of {cols}, width {width}");
    }
}
