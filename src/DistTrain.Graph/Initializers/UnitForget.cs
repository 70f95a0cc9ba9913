using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>The bias of gates i, f, g, o: 1 for f, the others by another initializer.</summary>
internal sealed class UnitForget(Initializer others) : Initializer
{
    public override string Name => others.Name;

    public override void Fill(ulong seed, uint stream, Shape shape, Span<float> values)
    {
        others.Fill(seed, stream, shape, values);
        values.Slice(values.Length / 4, values.Length / 4).Fill(1);
    }
}
