using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>
/// How many slices of a range are computed at once: as many as keep what a graph holds of them in a core's cache. The tree is the
/// same, so the bits are.
/// </summary>
/// <remarks>
/// Samples a second of the convolution preset on one thread of a Zen 5 with 32 MiB of last-level cache, whole range against pieces.
/// Training: batch 64 16,600 and 16,600; 128 13,500 and 16,500; 256 11,700 and 16,700; pieces of twice the size are as fast, of
/// four times slower at batch 128 (15,700). Evaluation: batch 256 38,800 and 47,100; 1024 31,300 and 44,000.
/// </remarks>
internal static class RangePieces
{
    /// <summary>4 MiB of values and gradients for each thread: a core's share of the last-level cache.</summary>
    private const int FloatsPerThread = 1 << 20;

    /// <summary>Samples for each thread: enough that kernels can share them evenly.</summary>
    private const int RowsPerThread = 8;

    /// <summary>Samples of a piece.</summary>
    /// <param name="plan">Of the graph that computes them, for any number of samples.</param>
    /// <param name="threads">That share the work.</param>
    public static int Rows(GraphPlan plan, int threads) => Math.Max(FloatsPerThread / FloatsPerRow(plan), RowsPerThread) * threads;

    public static int FloatsPerRow(GraphPlan plan) => Math.Max(1, plan.ArenaFloats / plan.MaxRows);

    /// <summary>Slices of a piece: the range's, halved while they are more than so many samples.</summary>
    public static int Slices(int batchRows, int slices, int sliceCount, int pieceRows)
    {
        int piece = sliceCount;
        while (piece > 1 && (long)piece * batchRows > (long)pieceRows * slices)
        {
            piece /= 2;
        }

        return piece;
    }
}
