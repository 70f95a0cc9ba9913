using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>x + deviation z: normal noise on every feature, in the units that the network sees.</summary>
/// <param name="deviation">Above 0.</param>
public sealed class Noise(float deviation) : IAugmentation
{
    public string Name => "augment/noise";

    public void Check(Shape sampleShape)
    {
    }

    public void Apply(SampleDraw draw, Shape shape, Span<float> sample, Span<float> scratch, ReadOnlySpan<float> black)
    {
        draw.Normal(scratch);
        for (int i = 0; i < sample.Length; i++)
        {
            sample[i] += deviation * scratch[i];
        }
    }
}
