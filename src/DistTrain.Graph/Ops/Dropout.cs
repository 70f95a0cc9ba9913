using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary><see cref="DropoutOp"/> of each element by itself, kept with probability 1 - rate (inverted dropout, as in Keras).</summary>
/// <remarks>The mask is a function of (seed, pass, data-set index of the sample, node's name, element): the same in every batching.</remarks>
public sealed class Dropout(float rate) : DropoutOp(rate)
{
    public override string Kind => "dropout";

    protected override void Mask(OpContext context, ReadOnlySpan<float> from, Span<float> to) => DropoutMask.Apply(
        context.Pool,
        context.Seed,
        (uint)context.Pass,
        context.RandomStream,
        context.SampleIndices,
        context.OutputShape.Length,
        Rate,
        from,
        to);
}
