using System.Numerics;
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
    private readonly float scale = 1 / (1 - rate);

    public override string Kind => "dropout";

    /// <summary>Share of the elements that is dropped, at least 0 and below 1.</summary>
    public float Rate { get; } = rate;

    public override BackwardReads Reads => BackwardReads.None;

    public override bool IsView(bool training) => !training || Rate == 0;

    public override Shape InferShape(in OpInputs inputs) => Rate is >= 0 and < 1
        ? inputs[0]
        : throw inputs.Refuse($"rate {Rate} is not at least 0 and below 1");

    public override void Forward(ForwardContext context) => Mask(context, context.Input(0), context.Output);

    public override void Backward(BackwardContext context) => Mask(context, context.OutputGradient, context.InputGradient(0));

    public override string ToString() => FormattableString.Invariant($"Dropout({Rate})");

    /// <summary>Draws into the target first, so it can't be the source: neither direction is in place.</summary>
    private void Mask(OpContext context, ReadOnlySpan<float> source, Span<float> target)
    {
        int length = context.OutputShape.Length;
        ReadOnlySpan<int> samples = context.SampleIndices;
        for (int row = 0; row < samples.Length; row++)
        {
            Span<float> y = target.Slice(row * length, length);
            Philox.FillUniform(context.Seed, (uint)samples[row], (uint)context.Pass, context.RandomStream, y);
            KeepOrDrop(source.Slice(row * length, length), y);
        }
    }

    private void KeepOrDrop(ReadOnlySpan<float> x, Span<float> y)
    {
        var rates = new Vector<float>(Rate);
        int i = 0;
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var dropped = Vector.LessThan(new Vector<float>(y[i..]), rates);
            Vector.ConditionalSelect(dropped, Vector<float>.Zero, new Vector<float>(x[i..]) * scale).CopyTo(y[i..]);
        }

        for (; i < x.Length; i++)
        {
            y[i] = y[i] < Rate ? 0 : x[i] * scale;
        }
    }
}
