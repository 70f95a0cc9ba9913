using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Which positions of a sample are there: y = 1 where an element of the position differs from the padding value, else +0. A position is
/// a place of all axes, or of all but the last. Has no gradient.
/// </summary>
/// <param name="padding">What every element of padding is.</param>
/// <param name="lastAxis">The last axis holds the elements of a position (features); false: every element is a position (token ids).</param>
public sealed class Mask(float padding, bool lastAxis) : Op
{
    public override string Kind => "mask";

    public float Padding { get; } = padding;

    public bool LastAxis { get; } = lastAxis;

    public override BackwardReads Reads => BackwardReads.None;

    public override Shape InferShape(in OpInputs inputs) => !LastAxis ? inputs[0]
        : inputs[0].Rank > 1 ? new Shape(inputs[0].Dims[..^1])
        : throw inputs.Refuse("a mask of positions needs (..., positions, features)");

    public override void Forward(ForwardContext context)
    {
        ReadOnlySpan<float> x = context.Input(0);
        Span<float> mask = context.Output;
        int elements = x.Length / mask.Length;
        for (int i = 0; i < mask.Length; i++)
        {
            mask[i] = x.Slice(i * elements, elements).ContainsAnyExcept(Padding) ? 1 : 0;
        }
    }

    public override void Backward(BackwardContext context) => throw new InvalidOperationException("A mask has no gradient.");
}
