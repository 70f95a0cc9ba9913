using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// In training y = keep ? x / (1 - rate) : 0, each element kept with probability 1 - rate (inverted dropout, as in Keras);
/// otherwise y = x. Backward: dx = keep ? dy / (1 - rate) : 0.
/// </summary>
/// <remarks>
/// The mask is a function of (seed, pass, data-set index of the sample, node's name, element): the same in every batching, and
/// drawn again in backward instead of being kept. An element is dropped when its uniform number is below the rate.
/// </remarks>
public sealed class Dropout(float rate) : Op
{
    public override string Kind => "dropout";

    public override bool PassesMask => true;

    /// <summary>Share of the elements that is dropped, at least 0 and below 1.</summary>
    public float Rate { get; } = rate;

    public override BackwardReads Reads => BackwardReads.None;

    public override bool ForwardInPlace => true;

    public override bool BackwardInPlace => true;

    public override bool IsView(bool training) => !training || Rate == 0;

    public override Shape InferShape(in OpInputs inputs) => Rate is >= 0 and < 1
        ? inputs[0]
        : throw inputs.Refuse($"rate {Rate} is not at least 0 and below 1");

    public override void Forward(ForwardContext context) => Mask(context, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) => Mask(context, context.OutputGradient, context.InputGradient(0));

    public override string ToString() => FormattableString.Invariant($"Dropout({Rate})");

    private void Mask(OpContext context, ReadOnlySpan<float> from, Span<float> to) => DropoutMask.Apply(
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
