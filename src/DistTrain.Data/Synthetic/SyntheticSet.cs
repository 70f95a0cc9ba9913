using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Small sets drawn from a seed: each number is a pure function of (seed, sample), so they are the same on every machine.</summary>
public static class SyntheticSet
{
    private const double Turn = 6.283185307179586;

    private static readonly uint PlaceStream = Philox.Stream("synthetic/place");
    private static readonly uint NoiseStream = Philox.Stream("synthetic/noise");
    private static readonly uint CentreStream = Philox.Stream("synthetic/centre");

    /// <summary>Round clouds: sample i belongs to class i mod classes, around a centre in [-10, 10) in each dimension.</summary>
    public static IDataSource Blobs(int samples, int classes, int dimensions, float deviation, ulong seed)
    {
        float[] features = new float[checked(samples * dimensions)];
        for (int i = 0; i < samples; i++)
        {
            Span<float> sample = features.AsSpan(i * dimensions, dimensions);
            Noise(sample, i, deviation, seed);
            for (int d = 0; d < dimensions; d++)
            {
                sample[d] += (20 * Philox.Uniform(seed, d, (uint)(i % classes), 0, CentreStream)) - 10;
            }
        }

        return Classes("blobs", features, dimensions, samples, classes);
    }

    /// <summary>Two half circles that reach into each other: (cos a, sin a) and (1 - cos a, 1/2 - sin a), a in [0, π).</summary>
    public static IDataSource Moons(int samples, float deviation, ulong seed) => Plane("moons", samples, 2, deviation, seed, (which, u) =>
    {
        double angle = u * Turn / 2, x = Mathematics.Cos(angle), y = Mathematics.Sin(angle);
        return which == 0 ? (x, y) : (1 - x, 0.5 - y);
    });

    /// <summary>Arms that wind around the middle: radius u, angle (turns u + class / classes) times a full turn.</summary>
    public static IDataSource Spirals(int samples, int classes, float turns, float deviation, ulong seed) => Plane("spirals", samples, classes, deviation, seed, (which, u) =>
    {
        double angle = ((turns * u) + ((double)which / classes)) * Turn;
        return (u * Mathematics.Cos(angle), u * Mathematics.Sin(angle));
    });

    /// <summary>
    /// Regression: x in [-1, 1), y = Σ sin(2π k x + phase k) / k for k = 1 to waves, plus noise. A phase is drawn for each wave.
    /// </summary>
    public static IDataSource Sines(int samples, int waves, float deviation, ulong seed)
    {
        float[] features = new float[samples], targets = new float[samples];
        for (int i = 0; i < samples; i++)
        {
            double x = (2.0 * Philox.Uniform(seed, 0, (uint)i, 0, PlaceStream)) - 1, y = 0;
            for (int k = 1; k <= waves; k++)
            {
                y += Mathematics.Sin((Turn * k * x) + (Turn * Philox.Uniform(seed, k, 0, 0, CentreStream))) / k;
            }

            features[i] = (float)x;
            Noise(targets.AsSpan(i, 1), i, deviation, seed);
            targets[i] += (float)y;
        }

        return new ArraySource("sines", new Shape(1), features, TargetDescription.ForValues(new Shape(1)), targets);
    }

    private static ArraySource Plane(string name, int samples, int classes, float deviation, ulong seed, Func<int, double, (double X, double Y)> place)
    {
        float[] features = new float[checked(samples * 2)];
        for (int i = 0; i < samples; i++)
        {
            (double x, double y) = place(i % classes, Philox.Uniform(seed, 0, (uint)i, 0, PlaceStream));
            Noise(features.AsSpan(2 * i, 2), i, deviation, seed);
            features[2 * i] += (float)x;
            features[(2 * i) + 1] += (float)y;
        }

        return Classes(name, features, 2, samples, classes);
    }

    private static ArraySource Classes(string name, float[] features, int dimensions, int samples, int classes)
    {
        float[] targets = new float[samples];
        for (int i = 0; i < samples; i++)
        {
            targets[i] = i % classes;
        }

        return new ArraySource(name, new Shape(dimensions), features, TargetDescription.ForClasses(classes), targets);
    }

    private static void Noise(Span<float> values, int sample, float deviation, ulong seed)
    {
        Philox.FillNormal(seed, (uint)sample, 0, NoiseStream, values);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] *= deviation;
        }
    }
}
