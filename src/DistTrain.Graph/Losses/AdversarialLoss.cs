using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Cross-entropy of yes and no against labels that stand in the loss, one an output, whatever the data's targets are: 1 and 0 for a
/// discriminator's view of a real and of a made sample, 1 for a generator that wants its sample taken for real (Goodfellow et al.,
/// "Generative Adversarial Nets", 2014, with the generator's loss of section 3 that doesn't saturate). The mean over the outputs; order of
/// operations and metric as <see cref="BinaryCrossentropy"/>.
/// </summary>
/// <param name="labels">In [0, 1], one for each output (logits).</param>
/// <param name="targets">Shape of the data's targets, which are not looked at.</param>
public sealed class AdversarialLoss(IReadOnlyList<float> labels, Shape targets) : Loss
{
    public override string Name => "adversarial";

    public override string MetricName => "accuracy";

    public IReadOnlyList<float> Labels { get; } = labels;

    public override Shape TargetShape(Shape prediction) => targets;

    public override Shape InferShape(in OpInputs inputs) => inputs[0].Length == Labels.Count
        ? base.InferShape(inputs)
        : throw inputs.Refuse($"it has {Labels.Count} labels for {inputs[0].Length} outputs");

    public override int CellsOf(Shape prediction) => prediction.Length;

    protected override int ExtraScratch(Shape prediction) => prediction.Length;

    protected override void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch)
    {
        ReadOnlySpan<float> x = context.Input(0);
        Span<float> wanted = Wanted(x.Length, scratch);
        Elementwise.BinaryCrossEntropyFromLogits(context.Pool, x, wanted, losses);
        for (int i = 0; i < x.Length; i++)
        {
            metrics[i] = x[i] > 0 == wanted[i] > 0.5f ? 1 : 0;
        }
    }

    protected override void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch)
    {
        Elementwise.Sigmoid(context.Pool, context.Input(0), dx);
        Elementwise.Subtract(context.Pool, dx, Wanted(dx.Length, scratch), dx);
        if (Labels.Count > 1)
        {
            Elementwise.Scale(context.Pool, dx, 1f / Labels.Count, dx);
        }
    }

    private Span<float> Wanted(int length, Span<float> scratch)
    {
        Span<float> wanted = scratch[..length];
        for (int i = 0; i < length; i++)
        {
            wanted[i] = Labels[i % Labels.Count];
        }

        return wanted;
    }
}
