using System.Diagnostics;
using DistTrain.Tensors;

namespace DistTrain.Cli;

/// <summary>One thread: the product and the bare loop of multiply-adds in turn, so that both see the same clock rate.</summary>
internal static class GemmBench
{
    /// <summary>Long against the clock's resolution, short against changes of the clock rate.</summary>
    private const double SecondsEach = 0.02;

    private const long PeakIterations = 100_000;

    public static GemmMeasurement Run(GemmShape shape, int alternations)
    {
        Action product = Product(shape);
        var products = new List<double>();
        var peaks = new List<double>();
        Gflops(product, shape.Operations, SecondsEach * 5);
        for (int i = 0; i < alternations; i++)
        {
            peaks.Add(Gflops(static () => FmaPeak.Run(PeakIterations), (double)PeakIterations * FmaPeak.OperationsPerIteration, SecondsEach));
            products.Add(Gflops(product, shape.Operations, SecondsEach));
        }

        return new GemmMeasurement(shape, products, peaks);
    }

    private static Action Product(GemmShape shape)
    {
        ForkJoinPool pool = ForkJoinPool.Single;
        (int m, int n, int k) = (shape.M, shape.N, shape.K);
        float[] a = Noise("a", m * k), b = Noise("b", n * k), c = new float[m * n];
        if (shape.Form == "nn")
        {
            return () => MatMul.Nn(pool, m, n, k, a, b, c);
        }

        if (shape.Form == "nt")
        {
            return () => MatMul.Nt(pool, m, n, k, a, b, c);
        }

        var slices = SliceTree.ForRange(k, shape.Slices, 0, shape.Slices);
        return () => MatMul.TnSliced(pool, m, n, slices, a, b, c);
    }

    private static float[] Noise(string name, int length)
    {
        float[] values = new float[length];
        Philox.FillUniform(1, 0, 0, Philox.Stream("bench/" + name), values);
        return values;
    }

    private static double Gflops(Action work, double operations, double secondsMin)
    {
        long start = Stopwatch.GetTimestamp();
        long count = 0;
        double seconds;
        do
        {
            work();
            count++;
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (seconds < secondsMin);

        return count * operations / seconds / 1e9;
    }
}
