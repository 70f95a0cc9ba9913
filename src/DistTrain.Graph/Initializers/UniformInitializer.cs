using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>minimum + u (maximum - minimum), u uniform in [0, 1): two roundings, the product's and the sum's.</summary>
internal sealed class UniformInitializer(float minimum, float maximum) : Initializer
{
    public override string Name => "uniform";

    public override void Fill(ulong seed, uint stream, Shape shape, Span<float> values)
    {
        Philox.FillUniform(seed, sample: 0, pass: 0, stream, values);
        float width = maximum - minimum;
        foreach (ref float value in values)
        {
            value = minimum + (value * width);
        }
    }
}
