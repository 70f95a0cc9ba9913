using DistTrain.Tensors;
using Kernel = DistTrain.Tensors.Softmax;

namespace DistTrain.Graph;

/// <summary>
/// -ln softmax(x)[t] along the last axis, as ln Σ e^(x - max) - (x[t] - max); the mean over the positions before that axis, if there are any.
/// Backward: dx = (softmax(x) - onehot(t)) / positions. The metric is the share of positions whose first largest x is at t. With label
/// smoothing it is <see cref="CategoricalCrossentropy"/> of the one-hot target, with its order of operations.
/// </summary>
/// <param name="labelSmoothing">Share s in [0, 1) of the target that is spread over all classes (Keras and PyTorch).</param>
/// <param name="ignoreClass">Positions whose target is this number are left out of loss, metric and denominators (Keras: ignore_class, PyTorch: ignore_index); null: none.</param>
public sealed class SparseCategoricalCrossentropy(float labelSmoothing = 0, int? ignoreClass = null) : Loss
{
    public override string Name => "sparseCategoricalCrossentropy";

    public override string MetricName => "accuracy";

    public override Activation TakenOver => Activation.Softmax;

    public float LabelSmoothing { get; } = SoftTargets.Checked(labelSmoothing);

    public int? IgnoreClass { get; } = ignoreClass;

    protected override bool LeavesCellsOut => IgnoreClass is not null;

    /// <summary>One class number per position: the prediction's shape without its last axis, and (1) for a single axis.</summary>
    public override Shape TargetShape(Shape prediction) => prediction.Rank > 1 ? new Shape(prediction.Dims[..^1]) : new Shape(1);

    public override int ClassesOf(Shape prediction) => prediction.Rank == 0 ? 1 : prediction.Dims[^1];

    public override Shape InferShape(in OpInputs inputs) => ClassesOf(inputs[0]) > 1
        ? base.InferShape(inputs)
        : throw inputs.Refuse("it needs two classes or more along the last axis");

    public override int CellsOf(Shape prediction) => prediction.Length / ClassesOf(prediction);

    /// <summary>The probabilities, or soft targets and what comes of them; the classes.</summary>
    protected override int ExtraScratch(Shape prediction) => ((LabelSmoothing == 0 ? 1 : 3) * prediction.Length) + (LeavesCellsOut ? CellsOf(prediction) : 0);

    protected override float ClassWeight(OpContext context, int cell) => ClassWeights![(int)context.Target[cell]];

    protected override bool IsPresent(OpContext context, int cell) => context.Target[cell] != IgnoreClass;

    protected override void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch)
    {
        int classes = ClassesOf(context.InputShape(0)), count = losses.Length;
        ReadOnlySpan<float> x = context.Input(0);
        ReadOnlySpan<float> target = Classes(context, ref scratch);
        CheckClasses(target, classes, context, count / context.Rows);
        if (LabelSmoothing == 0)
        {
            SoftmaxCrossEntropy.Forward(context.Pool, count, classes, x, target, losses, probabilities: scratch[..x.Length]);
        }
        else
        {
            ReadOnlySpan<float> soft = Smoothed(context, target, classes, scratch);
            SoftTargets.CrossEntropy(context.Pool, count, classes, x, soft, losses, scratch[(2 * x.Length)..]);
        }

        for (int i = 0; i < count; i++)
        {
            metrics[i] = SoftTargets.FirstMaximum(x.Slice(i * classes, classes)) == (int)target[i] ? 1 : 0;
        }
    }

    protected override void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch)
    {
        Shape shape = context.InputShape(0);
        int classes = ClassesOf(shape), positions = CellsOf(shape), count = context.Rows * positions;
        ReadOnlySpan<float> target = Classes(context, ref scratch);
        if (LabelSmoothing == 0)
        {
            Kernel.Forward(context.Pool, count, classes, context.Input(0), dx);
            for (int i = 0; i < count; i++)
            {
                dx[(i * classes) + (int)target[i]] -= 1;
            }
        }
        else
        {
            ReadOnlySpan<float> soft = Smoothed(context, target, classes, scratch);
            SoftTargets.Slope(context.Pool, count, classes, context.Input(0), soft, dx, scratch[(2 * dx.Length)..]);
        }

        if (positions > 1)
        {
            Elementwise.Scale(context.Pool, dx, 1f / positions, dx);
        }
    }

    private ReadOnlySpan<float> Smoothed(OpContext context, ReadOnlySpan<float> target, int classes, Span<float> scratch)
    {
        int length = target.Length * classes;
        Span<float> oneHot = scratch[..length];
        oneHot.Clear();
        for (int i = 0; i < target.Length; i++)
        {
            oneHot[(i * classes) + (int)target[i]] = 1;
        }

        return SoftTargets.Smooth(context.Pool, oneHot, LabelSmoothing, classes, scratch.Slice(length, length));
    }

    /// <summary>The targets with class 0 where one is left out: whatever is computed there counts nothing.</summary>
    private ReadOnlySpan<float> Classes(OpContext context, ref Span<float> scratch)
    {
        ReadOnlySpan<float> target = context.Target;
        if (IgnoreClass is not { } ignored)
        {
            return target;
        }

        Span<float> classes = scratch[^target.Length..];
        for (int i = 0; i < target.Length; i++)
        {
            classes[i] = target[i] == ignored ? 0 : target[i];
        }

        scratch = scratch[..^target.Length];
        return classes;
    }

    /// <exception cref="UserError">A target is no class; the message names the sample.</exception>
    private static void CheckClasses(ReadOnlySpan<float> target, int classes, OpContext context, int positions)
    {
        for (int i = 0; i < target.Length; i++)
        {
            if (target[i] == (int)target[i] && (uint)(int)target[i] < (uint)classes)
            {
                continue;
            }

            ReadOnlySpan<int> samples = context.SampleIndices;
            string where = samples.IsEmpty ? $"row {i / positions}" : $"sample {samples[i / positions]}";
            throw new UserError(FormattableString.Invariant(
                $"The target of {where} is {target[i]}: with {classes} outputs, sparseCategoricalCrossentropy takes classes 0 to {classes - 1}."));
        }
    }
}
