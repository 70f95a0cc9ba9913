using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// max(0, 1 - s p) with s = 1 for targets above 0 and -1 for others, or its square; the mean over n outputs (Keras' Hinge and
/// SquaredHinge). Backward: dp = -s / n where 1 - s p is above 0, times 2 (1 - s p) when squared. The metric is the share of outputs whose
/// sign is the target's: p &gt; 0.
/// </summary>
/// <param name="squared">Squares each output's loss.</param>
public sealed class Hinge(bool squared = false) : Loss
{
    public override string Name => "hinge";

    public override string MetricName => "accuracy";

    public bool Squared { get; } = squared;

    public override int ClassesOf(Shape prediction) => 2;

    public override int CellsOf(Shape prediction) => prediction.Length;

    protected override int ExtraScratch(Shape prediction) => prediction.Length;

    protected override float ClassWeight(OpContext context, int cell) => ClassWeights![context.Target[cell] > 0 ? 1 : 0];

    protected override void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch)
    {
        ReadOnlySpan<float> p = context.Input(0), target = context.Target;
        Elementwise.Hinge(context.Pool, p, target, losses);
        if (Squared)
        {
            Elementwise.Square(context.Pool, losses, losses);
        }

        for (int i = 0; i < p.Length; i++)
        {
            metrics[i] = p[i] > 0 == target[i] > 0 ? 1 : 0;
        }
    }

    protected override void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch)
    {
        ReadOnlySpan<float> p = context.Input(0), target = context.Target;
        Elementwise.HingeSlope(context.Pool, p, target, dx);
        if (Squared)
        {
            Span<float> distances = scratch[..p.Length];
            Elementwise.Hinge(context.Pool, p, target, distances);
            Elementwise.Multiply(context.Pool, dx, distances, dx);
        }

        Elementwise.Scale(context.Pool, dx, (Squared ? 2f : 1f) / context.InputShape(0).Length, dx);
    }
}
