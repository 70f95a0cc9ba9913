using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Loss and metric of every sample from a prediction and a target: the mean over the sample's cells (outputs, or positions before the
/// last axis), as Keras and PyTorch have it. The last node of a graph that trains; its value is one row of statistics per sample,
/// which are summed over samples by the tree.
/// </summary>
/// <remarks>
/// The gradient that backward starts with is that of the plain sum over samples: the owner of the weights divides by the summed
/// weight. A cell weighs its sample's weight times, while training, its class's; unweighted samples weigh 1 and have the bits of a
/// loss without weights. What a cell's weight does: loss and gradient are multiplied by it, and so are metric and weight column unless
/// <see cref="Normalization"/> says otherwise. Cells that are padding by the
/// prediction's mask, or left out (<see cref="IsPresent"/>), weigh 0 everywhere: the mean is over all cells that are there.
/// </remarks>
public abstract class Loss : Op
{
    /// <summary>Columns of the statistics: loss, metric, weight.</summary>
    public const int StatisticCount = 3;

    public const int LossColumn = 0;

    public const int MetricColumn = 1;

    public const int WeightColumn = 2;

    private string[]? statisticNames;

    /// <summary>What <see cref="FromName"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "sparseCategoricalCrossentropy", "categoricalCrossentropy", "binaryCrossentropy", "meanSquaredError", "meanAbsoluteError",
        "huber", "hinge", "klDivergence",
    ];

    /// <summary>As in Keras, in camel case: "meanSquaredError".</summary>
    public abstract string Name { get; }

    /// <summary>What the metric's sum divided by the weight's sum is called: "accuracy" or "meanAbsoluteError".</summary>
    public abstract string MetricName { get; }

    /// <summary>The columns: "loss", the metric, "weight".</summary>
    public IReadOnlyList<string> StatisticNames => statisticNames ??= ["loss", MetricName, "weight"];

    /// <summary>
    /// The activation whose input this loss takes, because the two together have a better form; null when it takes the prediction
    /// as it is.
    /// </summary>
    public virtual Activation? TakenOver => null;

    /// <summary>
    /// For cross-entropies, an assertion: true says that the output has no softmax (sigmoid), false that it has one, null (default)
    /// leaves it to the graph. Never changes a bit.
    /// </summary>
    public bool? FromLogits { get; init; }

    /// <summary>Weight of each class while training; null: all weigh 1. Evaluations don't look at them, as in Keras.</summary>
    public IReadOnlyList<float>? ClassWeights { get; private set; }

    /// <summary>Whether weights enter the denominators.</summary>
    public WeightNormalization Normalization { get; private set; }

    public override string Kind => "loss";

    public sealed override bool TakesMask => true;

    public sealed override BackwardReads Reads => BackwardReads.Inputs;

    /// <summary>Whether <see cref="IsPresent"/> is ever false.</summary>
    protected virtual bool LeavesCellsOut => false;

    /// <exception cref="UserError">No loss has this name.</exception>
    public static Loss FromName(string name) => name switch
    {
        "sparseCategoricalCrossentropy" => new SparseCategoricalCrossentropy(),
        "categoricalCrossentropy" => new CategoricalCrossentropy(),
        "binaryCrossentropy" => new BinaryCrossentropy(),
        "meanSquaredError" => new MeanSquaredError(),
        "meanAbsoluteError" => new MeanAbsoluteError(),
        "huber" => new Huber(),
        "hinge" => new Hinge(),
        "klDivergence" => new KLDivergence(),
        _ => throw new UserError($"No loss is called '{name}'; there are {string.Join(", ", Names)}."),
    };

    /// <summary>This loss with weights.</summary>
    /// <param name="classWeights">One of 0 or more for each class; null: none.</param>
    /// <param name="normalization">Also of samples' own weights.</param>
    public Loss Weighted(IReadOnlyList<float>? classWeights, WeightNormalization normalization)
    {
        var weighted = (Loss)MemberwiseClone();
        weighted.ClassWeights = classWeights;
        weighted.Normalization = normalization;
        return weighted;
    }

    /// <summary>Shape of one sample's target for a prediction of this shape.</summary>
    public virtual Shape TargetShape(Shape prediction) => prediction;

    /// <summary>Classes that can have weights; 0: the loss is not about classes.</summary>
    public virtual int ClassesOf(Shape prediction) => 0;

    public override Shape InferShape(in OpInputs inputs)
    {
        int classes = ClassesOf(inputs[0]);
        return ClassWeights is { } weights && weights.Count != classes
            ? throw inputs.Refuse(classes == 0 ? "it has no classes that could weigh" : $"it has {classes} classes and {weights.Count} class weights")
            : new Shape(StatisticCount);
    }

    public sealed override int ScratchPerSample(in OpInputs inputs) => (4 * CellsOf(inputs[0])) + 1 + ExtraScratch(inputs[0]);

    public sealed override void Forward(ForwardContext context)
    {
        int rows = context.Rows, cells = CellsOf(context.InputShape(0)), count = rows * cells;
        Span<float> scratch = context.Scratch;
        Span<float> losses = scratch[..count], metrics = scratch.Slice(count, count);
        Span<float> factors = scratch.Slice(2 * count, count), shares = scratch.Slice(3 * count, count);
        Span<float> sums = scratch.Slice(4 * count, rows);
        Measure(context, losses, metrics, scratch[((4 * count) + rows)..]);
        bool weighted = IsWeighted(context);
        if (weighted)
        {
            Weigh(context, cells, factors, shares);
            for (int i = 0; i < count; i++)
            {
                losses[i] = factors[i] == 0 ? 0 : losses[i] * factors[i];
                metrics[i] *= shares[i];
            }
        }

        Span<float> statistics = context.Output;
        Fill(context, cells, losses, sums, statistics, LossColumn);
        Fill(context, cells, metrics, sums, statistics, MetricColumn);
        if (weighted)
        {
            Fill(context, cells, shares, sums, statistics, WeightColumn);
            return;
        }

        for (int row = 0; row < rows; row++)
        {
            statistics[(row * StatisticCount) + WeightColumn] = 1;
        }
    }

    public sealed override void Backward(BackwardContext context)
    {
        int cells = CellsOf(context.InputShape(0)), count = context.Rows * cells;
        Span<float> scratch = context.Scratch;
        Span<float> dx = context.InputGradient(0);
        Differentiate(context, dx, scratch[((4 * count) + context.Rows)..]);
        if (IsWeighted(context))
        {
            Span<float> factors = scratch[..count];
            Weigh(context, cells, factors, scratch.Slice(count, count));
            int width = dx.Length / count;
            Elementwise.ScaleRows(context.Pool, count, width, dx, factors, dx);
            for (int i = 0; i < count; i++)
            {
                if (factors[i] == 0)
                {
                    dx.Slice(i * width, width).Clear();
                }
            }
        }
    }

    public override string ToString() => Name;

    /// <summary>Parts of a sample that have a loss of their own: outputs, or positions before the last axis.</summary>
    public abstract int CellsOf(Shape prediction);

    /// <summary>What each cell counts in the denominators.</summary>
    internal void Shares(OpContext context, Span<float> shares)
    {
        if (!IsWeighted(context))
        {
            shares.Fill(1);
            return;
        }

        Weigh(context, shares.Length / context.Rows, context.Scratch[..shares.Length], shares);
    }

    /// <summary>Floats per sample that <see cref="Measure"/> and <see cref="Differentiate"/> may use.</summary>
    protected virtual int ExtraScratch(Shape prediction) => 0;

    /// <summary>Writes the loss and the metric of every cell, unweighted.</summary>
    protected abstract void Measure(ForwardContext context, Span<float> losses, Span<float> metrics, Span<float> scratch);

    /// <summary>Writes the gradient of the samples' means over their cells, unweighted.</summary>
    protected abstract void Differentiate(BackwardContext context, Span<float> dx, Span<float> scratch);

    /// <summary>Weight of the class of a cell, by <see cref="ClassWeights"/>.</summary>
    /// <param name="context">Its target.</param>
    /// <param name="cell">In [0, rows · cells).</param>
    protected virtual float ClassWeight(OpContext context, int cell) => 1;

    /// <summary>False for a cell that is left out of the mean, as padding.</summary>
    protected virtual bool IsPresent(OpContext context, int cell) => true;

    /// <summary>False where cell i of count is padding.</summary>
    private static bool IsThere(OpContext context, int cell, int count) =>
        !context.HasMask() || context.Mask()[(int)((long)cell * context.Mask().Length / count)] != 0;

    private static void Fill(ForwardContext context, int cells, ReadOnlySpan<float> values, Span<float> sums, Span<float> statistics, int column)
    {
        Reductions.SumCols(context.Pool, context.Rows, cells, values, sums);
        for (int row = 0; row < context.Rows; row++)
        {
            statistics[(row * StatisticCount) + column] = sums[row] / cells;
        }
    }

    private bool IsWeighted(OpContext context) =>
        LeavesCellsOut || context.HasMask() || !context.SampleWeights.IsEmpty || (context.Training && ClassWeights is not null);

    /// <summary>What the losses and gradients of cells are multiplied by, and what they count in the denominators.</summary>
    private void Weigh(OpContext context, int cells, Span<float> factors, Span<float> shares)
    {
        bool byClass = context.Training && ClassWeights is not null;
        ReadOnlySpan<float> samples = context.SampleWeights;
        for (int i = 0; i < factors.Length; i++)
        {
            bool present = IsThere(context, i, factors.Length) && (!LeavesCellsOut || IsPresent(context, i));
            float weight = samples.IsEmpty ? 1 : samples[i / cells];
            weight *= byClass && present ? ClassWeight(context, i) : 1;
            factors[i] = present ? weight : 0;
            shares[i] = !present ? 0 : Normalization == WeightNormalization.Weights ? weight : 1;
        }
    }
}
