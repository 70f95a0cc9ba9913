using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Draws one of a model's probabilities.</summary>
internal static class NextToken
{
    /// <summary>
    /// The first token at which the running sum of the weights exceeds u times their sum, tokens ascending, in double precision. A weight
    /// is e^((ln p - ln largest p) / temperature), and 0 for p = 0 and for all but the k likeliest; of equals the first count as likelier.
    /// </summary>
    /// <param name="probabilities">Of each token.</param>
    /// <param name="temperature">0: the likeliest token.</param>
    /// <param name="topK">Null: all may be drawn.</param>
    /// <param name="u">In [0, 1).</param>
    public static int Draw(ReadOnlySpan<float> probabilities, double temperature, int? topK, float u)
    {
        int likeliest = 0;
        for (int i = 1; i < probabilities.Length; i++)
        {
            likeliest = probabilities[i] > probabilities[likeliest] ? i : likeliest;
        }

        if (temperature == 0 || topK == 1)
        {
            return likeliest;
        }

        double largest = Mathematics.Log((double)probabilities[likeliest]), sum = 0;
        double[] weights = new double[probabilities.Length];
        float least = Least(probabilities, topK, out int equals);
        for (int i = 0; i < weights.Length; i++)
        {
            float p = probabilities[i];
            if (p > 0 && (p > least || (p == least && equals-- > 0)))
            {
                weights[i] = Mathematics.Exp((Mathematics.Log((double)p) - largest) / temperature);
                sum += weights[i];
            }
        }

        double running = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            running += weights[i];
            if (running > u * sum)
            {
                return i;
            }
        }

        return likeliest;
    }

    /// <summary>The smallest of the k largest, and how many of those that equal it are among them.</summary>
    private static float Least(ReadOnlySpan<float> probabilities, int? topK, out int equals)
    {
        equals = probabilities.Length;
        if (topK is not { } k || k >= probabilities.Length)
        {
            return 0;
        }

        float[] sorted = probabilities.ToArray();
        Array.Sort(sorted);
        float least = sorted[^k];
        equals = k - (sorted.Length - Array.FindLastIndex(sorted, p => p == least) - 1);
        return least;
    }
}
