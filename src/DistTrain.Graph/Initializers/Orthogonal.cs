using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// A matrix with orthonormal rows, or columns where it is taller than wide (Saxe et al. 2014; Keras' default for recurrent kernels):
/// the Q of a matrix of standard normal numbers, with the sign that makes R's diagonal positive.
/// </summary>
/// <remarks>
/// By the modified Gram-Schmidt process in double precision, sums over ascending indices, rounded once at the end: the same bits
/// everywhere. Vector i of the shorter side is elements i n to i n + n - 1 of the drawn numbers, n the longer side.
/// </remarks>
internal sealed class Orthogonal : Initializer
{
    public override string Name => "orthogonal";

    public override void Fill(ulong seed, uint stream, Shape shape, Span<float> values)
    {
        int cols = shape.Rank == 0 ? 1 : shape[shape.Rank - 1], rows = values.Length / cols;
        int count = Math.Min(rows, cols), length = Math.Max(rows, cols);
        float[] drawn = new float[values.Length];
        Philox.FillNormal(seed, sample: 0, pass: 0, stream, drawn);
        double[][] vectors = new double[count][];
        for (int i = 0; i < count; i++)
        {
            vectors[i] = Array.ConvertAll(drawn[(i * length)..((i + 1) * length)], z => (double)z);
            for (int j = 0; j < i; j++)
            {
                double projection = Dot(vectors[j], vectors[i]);
                for (int k = 0; k < length; k++)
                {
                    vectors[i][k] -= projection * vectors[j][k];
                }
            }

            double norm = Math.Sqrt(Dot(vectors[i], vectors[i]));
            for (int k = 0; k < length; k++)
            {
                vectors[i][k] /= norm;
                values[rows <= cols ? (i * cols) + k : (k * cols) + i] = (float)vectors[i][k];
            }
        }
    }

    private static double Dot(double[] left, double[] right)
    {
        double sum = 0;
        for (int k = 0; k < left.Length; k++)
        {
            sum += left[k] * right[k];
        }

        return sum;
    }
}
