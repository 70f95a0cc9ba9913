using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Every value the same.</summary>
internal sealed class Constant(string name, float value) : Initializer
{
    public override string Name => name;

    public override void Fill(ulong seed, uint stream, Shape shape, Span<float> values) => values.Fill(value);
}
