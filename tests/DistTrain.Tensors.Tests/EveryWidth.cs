namespace DistTrain.Tensors.Tests;

/// <summary>Runs a kernel in single floats, which is its definition, and holds every width and pool against that.</summary>
internal static class EveryWidth
{
    /// <param name="what">For messages.</param>
    /// <param name="run">Returns all that the kernel writes.</param>
    /// <returns>What single floats gave.</returns>
    public static float[] GivesTheSameBits(string what, Func<ForkJoinPool, float[]> run)
    {
        float[] expected = [];
        Lanes.Force(1, () => expected = run(ForkJoinPool.Single));
        foreach (int width in Bits.Widths)
        {
            Lanes.Force(width, () =>
            {
                foreach (ForkJoinPool pool in KernelData.Pools)
                {
                    Bits.Equal(expected, run(pool), $"{what}, width {width}, {pool.Threads} threads");
                }
            });
        }

        return expected;
    }
}
