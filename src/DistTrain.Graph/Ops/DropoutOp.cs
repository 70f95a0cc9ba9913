using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// In training y = keep ? x / (1 - rate) : 0, otherwise y = x. Backward: dx = keep ? dy / (1 - rate) : 0, with the mask drawn again in
/// place of being kept. An element is dropped when its uniform number is below the rate.
/// </summary>
/// <param name="rate">Share that is dropped, at least 0 and below 1.</param>
public abstract class DropoutOp(float rate) : Op
{
    public override bool PassesMask => true;

    /// <summary>Share that is dropped, at least 0 and below 1.</summary>
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

    public override string ToString() => FormattableString.Invariant($"{GetType().Name}({Rate})");

    /// <summary>Drops elements of a batch, and scales the others.</summary>
    protected abstract void Mask(OpContext context, ReadOnlySpan<float> from, Span<float> to);
}
