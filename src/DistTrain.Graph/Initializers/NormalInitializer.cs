using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>z deviation, z standard normal: one rounding, none for deviation 1.</summary>
internal sealed class NormalInitializer(string name, float deviation) : Initializer
{
    public override string Name => name;

    public override void Fill(ulong seed, uint stream, Shape shape, Span<float> values)
    {
        Philox.FillNormal(seed, sample: 0, pass: 0, stream, values);
        foreach (ref float value in values)
        {
            value *= deviation;
        }
    }
}
