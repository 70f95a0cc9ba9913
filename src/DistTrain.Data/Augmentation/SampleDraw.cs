using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>The random numbers of one op for one sample in one pass: element i is Philox' element i of (seed; sample, pass, stream).</summary>
/// <param name="Seed">The job's.</param>
/// <param name="Sample">Index in the training part.</param>
/// <param name="Pass">From 0.</param>
/// <param name="Stream">Of the op's name.</param>
public readonly record struct SampleDraw(ulong Seed, uint Sample, uint Pass, uint Stream)
{
    /// <summary>In [0, 1).</summary>
    public float Uniform(long element) => Philox.Uniform(Seed, element, Sample, Pass, Stream);

    /// <summary>A whole number in [0, range): ⌊u · range⌋.</summary>
    public int Whole(long element, int range) => Math.Min((int)(Uniform(element) * range), range - 1);

    /// <summary>Standard normal numbers, elements 0, 1, ... of the stream.</summary>
    public void Normal(Span<float> values) => Philox.FillNormal(Seed, Sample, Pass, Stream, values);
}
