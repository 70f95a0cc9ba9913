using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// y = normal numbers of a shape, of nothing but who the sample is: what a generator makes samples of. A function of (seed, pass,
/// data-set index of the sample, node's name, element), so the same in every batching; evaluations draw those of seed 0, pass 0.
/// </summary>
public sealed class Noise(Shape shape) : Op
{
    public override string Kind => "noise";

    public override int Arity => 0;

    /// <summary>Of one sample.</summary>
    public Shape Shape { get; } = shape;

    public override BackwardReads Reads => BackwardReads.None;

    public override Shape InferShape(in OpInputs inputs) => Shape;

    public override void Forward(ForwardContext context)
    {
        ReadOnlySpan<int> samples = context.SampleIndices;
        int length = Shape.Length;
        for (int row = 0; row < context.Rows; row++)
        {
            Philox.FillNormal(context.Seed, (uint)samples[row], (uint)context.Pass, context.RandomStream, context.Output.Slice(row * length, length));
        }
    }

    public override void Backward(BackwardContext context) => throw new InvalidOperationException("Noise has no input.");

    public override string ToString() => $"Noise{Shape}";
}
