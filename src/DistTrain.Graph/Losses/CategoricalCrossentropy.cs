using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// -Σ t ln softmax(x) along the last axis, for targets that are shares of classes (one-hot, mixed, smoothed); the mean over the positions
/// before that axis. Backward: dx = (softmax(x) Σt - t) / positions. The metric is the share of positions whose first largest x is at the
/// first largest t. A class weight is Σ t w.
/// </summary>
/// <param name="labelSmoothing">Targets become t (1 - s) + s / classes, s in [0, 1) (Keras and PyTorch).</param>
public sealed class CategoricalCrossentropy(float labelSmoothing = 0) : Loss
{
    public override string Name => "categoricalCrossentropy";

    public override string MetricName => "accuracy";

    public override Activation TakenOver => Activation.Softmax;

    public float LabelSmoothing { get; } = SoftTargets.Checked(labelSmoothing);

    public override int ClassesOf(Shape prediction) => prediction.Rank == 0 ? 1 : prediction.Dims[^1];

    public override Shape InferShape(in OpInputs inputs) => ClassesOf(inputs[0]) > 1
        ? base.InferShape(inputs)
        : throw inputs.Refuse("it needs two classes or more along the last axis");

    public override int CellsOf(Shape prediction) => prediction.Length / ClassesOf(prediction);

    /// <summary>Smoothed targets, and products or totals.</summary>
    protected override int ExtraScratch(Shape prediction) => 2 * prediction.Length;

    protected override float ClassWeight(OpContext context, int cell)
    {
        int classes = ClassWeights!.Count;
        ReadOnlySpan<float> target = context.Target.Slice(cell * classes, classes);
        float weight = 0;
        for (int i = 0; i < classes; i++)
        {
            weight += target[i] * ClassWeights[i];
        }

        return weight;
    }

    protected override void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch)
    {
        int classes = ClassesOf(context.InputShape(0));
        ReadOnlySpan<float> x = context.Input(0);
        ReadOnlySpan<float> targets = SoftTargets.Smooth(context.Pool, context.Target, LabelSmoothing, classes, scratch);
        SoftTargets.CrossEntropy(context.Pool, losses.Length, classes, x, targets, losses, scratch[x.Length..]);
        SoftTargets.Right(losses.Length, classes, x, context.Target, metrics);
    }

    protected override void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch)
    {
        Shape shape = context.InputShape(0);
        int classes = ClassesOf(shape), positions = CellsOf(shape);
        ReadOnlySpan<float> targets = SoftTargets.Smooth(context.Pool, context.Target, LabelSmoothing, classes, scratch);
        SoftTargets.Slope(context.Pool, context.Rows * positions, classes, context.Input(0), targets, dx, scratch[dx.Length..]);
        if (positions > 1)
        {
            Elementwise.Scale(context.Pool, dx, 1f / positions, dx);
        }
    }
}
