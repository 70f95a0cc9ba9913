using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// -t ln σ(x) - (1 - t) ln(1 - σ(x)), as max(x, 0) - x t + ln(1 + e^-|x|); the mean over n outputs. Backward: dx = (σ(x) - t) / n.
/// The metric is the share of outputs on the target's side of 0.5: σ(x) &gt; 0.5, as x &gt; 0.
/// </summary>
/// <param name="labelSmoothing">Targets are drawn towards 1/2 by this share, in [0, 1): t (1 - s) + s / 2 (Keras).</param>
public sealed class BinaryCrossentropy(float labelSmoothing = 0) : Loss
{
    public override string Name => "binaryCrossentropy";

    public override string MetricName => "accuracy";

    public override Activation TakenOver => Activation.Sigmoid;

    public float LabelSmoothing { get; } = SoftTargets.Checked(labelSmoothing);

    public override int ClassesOf(Shape prediction) => 2;

    public override int CellsOf(Shape prediction) => prediction.Length;

    protected override int ExtraScratch(Shape prediction) => prediction.Length;

    protected override float ClassWeight(OpContext context, int cell) => ClassWeights![context.Target[cell] > 0.5f ? 1 : 0];

    protected override void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch)
    {
        ReadOnlySpan<float> x = context.Input(0), target = context.Target;
        Elementwise.BinaryCrossEntropyFromLogits(context.Pool, x, Smoothed(context, scratch), losses);
        for (int i = 0; i < x.Length; i++)
        {
            metrics[i] = x[i] > 0 == target[i] > 0.5f ? 1 : 0;
        }
    }

    protected override void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch)
    {
        int outputs = context.InputShape(0).Length;
        Elementwise.Sigmoid(context.Pool, context.Input(0), dx);
        Elementwise.Subtract(context.Pool, dx, Smoothed(context, scratch), dx);
        if (outputs > 1)
        {
            Elementwise.Scale(context.Pool, dx, 1f / outputs, dx);
        }
    }

    private ReadOnlySpan<float> Smoothed(OpContext context, Span<float> scratch) =>
        SoftTargets.Smooth(context.Pool, context.Target, LabelSmoothing, classes: 2, scratch);
}
