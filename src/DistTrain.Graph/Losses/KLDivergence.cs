using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Σ t (ln t - ln softmax(x)) along the last axis, 0 where t is 0: how far the predicted shares are from the target's; the mean over the
/// positions before that axis (PyTorch's kl_div on log-probabilities with batchmean; Keras' KLDivergence, which limits both to 1e-7).
/// Backward: dx = (softmax(x) Σt - t) / positions. The metric is the mean absolute error of the shares, Σ |softmax(x) - t| / classes.
/// </summary>
public sealed class KLDivergence : Loss
{
    public override string Name => "klDivergence";

    public override string MetricName => "meanAbsoluteError";

    public override Activation TakenOver => Activation.Softmax;

    public override Shape InferShape(in OpInputs inputs) => inputs[0].Rank > 0 && inputs[0].Dims[^1] > 1
        ? base.InferShape(inputs)
        : throw inputs.Refuse("it needs two classes or more along the last axis");

    public override int CellsOf(Shape prediction) => prediction.Length / prediction.Dims[^1];

    protected override int ExtraScratch(Shape prediction) => prediction.Length;

    protected override void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch)
    {
        ReadOnlySpan<float> x = context.Input(0), target = context.Target;
        int classes = context.InputShape(0).Dims[^1], rows = losses.Length;
        Span<float> work = scratch[..x.Length];
        Tensors.Softmax.Forward(context.Pool, rows, classes, x, work);
        Elementwise.AbsoluteDifference(context.Pool, work, target, work);
        Reductions.SumCols(context.Pool, rows, classes, work, metrics);
        for (int i = 0; i < rows; i++)
        {
            metrics[i] /= classes;
        }

        Tensors.Softmax.LogForward(context.Pool, rows, classes, x, work);
        Elementwise.Divergence(context.Pool, target, work, work);
        Reductions.SumCols(context.Pool, rows, classes, work, losses);
    }

    protected override void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch)
    {
        Shape shape = context.InputShape(0);
        int positions = CellsOf(shape);
        SoftTargets.Slope(context.Pool, context.Rows * positions, shape.Dims[^1], context.Input(0), context.Target, dx, scratch);
        if (positions > 1)
        {
            Elementwise.Scale(context.Pool, dx, 1f / positions, dx);
        }
    }
}
