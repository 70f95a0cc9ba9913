namespace DistTrain.Tensors;

/// <summary>
/// Fused multiply-adds that never leave the registers: the ceiling a matrix product is compared with. Reads no clock; the
/// caller times <see cref="Run"/> and divides <see cref="OperationsPerIteration"/> times the iterations by the seconds.
/// </summary>
public static class FmaPeak
{
    private static readonly int Lanes = Math.Max(4, MatMulKernels.Best.Lanes);

    /// <summary>Floating-point operations of one iteration; a fused multiply-add counts as two, as in GFLOP/s of GEMM.</summary>
    public static long OperationsPerIteration => 2L * FmaLoops.Accumulators * Lanes;

    /// <summary>Vector bits of the machine's kernels: 512, 256 or 128.</summary>
    public static int VectorBits => 32 * Lanes;

    /// <summary>Does the work; the value returned only keeps it from being optimised away.</summary>
    /// <param name="iterations">About a million take 6 ms at 512 bits.</param>
    public static float Run(long iterations) => Lanes switch
    {
        16 => FmaLoops.Run512(iterations),
        8 => FmaLoops.Run256(iterations),
        _ => FmaLoops.Run128(iterations),
    };
}
