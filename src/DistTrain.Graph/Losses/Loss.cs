using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Loss and metric of every sample from a prediction and a target: the mean over the outputs, as Keras and PyTorch have it. The last
/// node of a graph that trains; its value is one row of statistics per sample, which are summed over samples by the tree.
/// </summary>
/// <remarks>
/// The gradient that backward starts with is that of the plain sum over samples: the owner of the weights divides by the summed
/// weight. A sample weighs 1, or, where the prediction carries a mask, the share of its positions that are there: elements of padding
/// count +0 in sums and gradients, so the mean is over all positions that are there. A loss divides by all outputs either way.
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
        ["sparseCategoricalCrossentropy", "binaryCrossentropy", "meanSquaredError", "meanAbsoluteError"];

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

    public override string Kind => "loss";

    public sealed override bool TakesMask => true;

    /// <exception cref="UserError">No loss has this name.</exception>
    public static Loss FromName(string name) => name switch
    {
        "sparseCategoricalCrossentropy" => new SparseCategoricalCrossentropy(),
        "binaryCrossentropy" => new BinaryCrossentropy(),
        "meanSquaredError" => new MeanSquaredError(),
        "meanAbsoluteError" => new MeanAbsoluteError(),
        _ => throw new UserError($"No loss is called '{name}'; there are {string.Join(", ", Names)}."),
    };

    /// <summary>Shape of one sample's target for a prediction of this shape.</summary>
    public virtual Shape TargetShape(Shape prediction) => prediction;

    public override Shape InferShape(in OpInputs inputs) => new(StatisticCount);

    public override string ToString() => Name;

    /// <summary>Makes the elements that belong to padding +0.</summary>
    /// <param name="context">Of forward or backward.</param>
    /// <param name="elements">[Rows, positions, as many as a position has].</param>
    private protected static void ClearPadding(OpContext context, Span<float> elements)
    {
        if (!context.HasMask())
        {
            return;
        }

        ReadOnlySpan<float> mask = context.Mask();
        int each = elements.Length / mask.Length;
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] == 0)
            {
                elements.Slice(i * each, each).Clear();
            }
        }
    }

    /// <summary>1, or the share of a sample's positions that are there: their number divided by all.</summary>
    private protected static float Weight(OpContext context, int row)
    {
        if (!context.HasMask())
        {
            return 1;
        }

        int positions = context.Mask().Length / context.Rows;
        int padding = context.Mask().Slice(row * positions, positions).Count(0f);
        return (float)(positions - padding) / positions;
    }

    /// <summary>False where element i of count per row is padding.</summary>
    private protected static bool IsThere(OpContext context, int element, int elements) =>
        !context.HasMask() || context.Mask()[(int)((long)element * context.Mask().Length / elements)] != 0;

    /// <summary>Writes one sample's row of statistics.</summary>
    private protected static void Record(Span<float> statistics, int row, float loss, float metric, float weight)
    {
        int start = row * StatisticCount;
        statistics[start + LossColumn] = loss;
        statistics[start + MetricColumn] = metric;
        statistics[start + WeightColumn] = weight;
    }
}
