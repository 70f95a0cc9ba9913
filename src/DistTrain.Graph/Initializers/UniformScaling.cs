using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>(2u - 1) limit with limit² given by the fans; 2u - 1 is exact, so there is one rounding.</summary>
internal sealed class UniformScaling(string name, Func<Fans, double> limitSquared) : Initializer
{
    public override string Name => name;

    public override void Fill(ulong seed, uint stream, Shape shape, Span<float> values)
    {
        Philox.FillUniform(seed, sample: 0, pass: 0, stream, values);
        float limit = (float)Math.Sqrt(limitSquared(Fans.Of(shape)));
        foreach (ref float value in values)
        {
            value = ((2 * value) - 1) * limit;
        }
    }
}
