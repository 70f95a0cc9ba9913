using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Which metrics an evaluation sums beside the loss, and where each has its sums; the same on every machine.</summary>
public sealed class MetricPlan
{
    /// <summary>Classes of a confusion matrix that a person still reads, and precision and recall in every batch's sums still travel.</summary>
    private const int ClassesMax = 256;

    private static readonly MetricKind[] OfClasses = [MetricKind.TopKAccuracy, MetricKind.Precision, MetricKind.Recall, MetricKind.F1];
    private static readonly MetricKind[] OfErrors = [MetricKind.MeanAbsoluteError, MetricKind.RootMeanSquaredError];

    private MetricPlan(ModelGraph graph, IEnumerable<MetricKind> kinds, int topK, bool confusion)
    {
        Graph = graph;
        TopK = topK;
        Loss loss = graph.Loss!;
        Shape shape = graph.LossNode!.Inputs[0].Shape;
        Classes = ClassesOf(loss, shape);
        Outputs = shape.Length;
        var metrics = new List<Metric>();
        int next = Loss.StatisticCount - 1;
        foreach (MetricKind kind in kinds.Distinct().Order())
        {
            int size = kind == MetricKind.R2 ? Outputs : Classes;

            // Kinds that differ only in what they make of their sums have them in common.
            int common = metrics.FindIndex(known => Shares(known.Kind, kind));
            metrics.Add(new Metric(kind, common < 0 ? next : metrics[common].First, size));
            next += common < 0 ? Metric.SumsOf(kind, size) : 0;
        }

        Metrics = metrics;
        Confusion = confusion && Classes is > 1 and <= ClassesMax ? next : -1;
        next += Confusion < 0 ? 0 : Classes * Classes;
        SumCount = next - (Loss.StatisticCount - 1);
    }

    /// <summary>In the order of <see cref="MetricKind"/>.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Sums beside those of <see cref="Loss"/>.</summary>
    public int SumCount { get; }

    /// <summary>Of top-k accuracy.</summary>
    public int TopK { get; }

    internal ModelGraph Graph { get; }

    /// <summary>2 for yes and no in one output; 0: the loss is not about classes.</summary>
    internal int Classes { get; }

    internal int Outputs { get; }

    /// <summary>Where the confusion matrix's sums begin, [being, called]; -1: none.</summary>
    internal int Confusion { get; }

    /// <summary>The metrics that a job asks for, or that it watches.</summary>
    /// <param name="graph">With its loss.</param>
    /// <param name="train">Its metrics and monitors.</param>
    /// <exception cref="UserError">One doesn't fit the loss.</exception>
    public static MetricPlan Of(ModelGraph graph, TrainJob train)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(train);
        MetricKind[] monitored = [.. new[] { train.EarlyStopping?.Monitor, train.ReduceLROnPlateau?.Monitor }.Select(Monitors.KindOf).OfType<MetricKind>()];
        foreach (MetricKind kind in (train.Metrics ?? []).Concat(monitored))
        {
            if (Unfit(graph, kind) is { } reason)
            {
                string key = (train.Metrics ?? []).Contains(kind) ? "metrics" : train.EarlyStopping?.Monitor is { } monitor && Monitors.KindOf(monitor) == kind ? "earlyStopping.monitor" : "reduceLROnPlateau.monitor";
                throw new UserError($"train.{key}: {JobBinder.EnumName(kind.ToString())} {reason}");
            }
        }

        return new MetricPlan(graph, (train.Metrics ?? []).Concat(monitored), train.TopK, confusion: false);
    }

    /// <summary>All that a model's outputs can be measured by.</summary>
    public static MetricPlan All(ModelGraph graph, int topK = TrainJob.TopKDefault)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return new MetricPlan(graph, Enum.GetValues<MetricKind>().Where(kind => Unfit(graph, kind) is null), topK, confusion: true);
    }

    private static bool Shares(MetricKind a, MetricKind b) =>
        (OfErrors.Contains(a) && OfErrors.Contains(b)) || (a != MetricKind.TopKAccuracy && b != MetricKind.TopKAccuracy && OfClasses.Contains(a) && OfClasses.Contains(b));

    private static int ClassesOf(Loss loss, Shape shape) => loss switch
    {
        SparseCategoricalCrossentropy or CategoricalCrossentropy => shape.Dims[^1],
        BinaryCrossentropy or Hinge => shape.Length == 1 ? 2 : 0,
        _ => 0,
    };

    /// <summary>Why a metric can't be had; null: it can.</summary>
    private static string? Unfit(ModelGraph graph, MetricKind kind)
    {
        Loss loss = graph.Loss!;
        int classes = ClassesOf(loss, graph.LossNode!.Inputs[0].Shape);
        bool entropy = loss is SparseCategoricalCrossentropy or CategoricalCrossentropy;
        return kind switch
        {
            MetricKind.TopKAccuracy => entropy ? null : $"counts classes, and {loss} has no outputs for them",
            MetricKind.Precision or MetricKind.Recall or MetricKind.F1 => classes == 0 ? $"counts classes, and {loss} on {graph.LossNode!.Inputs[0].Shape} has none"
                : classes > ClassesMax ? $"takes up to {ClassesMax} classes, here are {classes}"
                : null,
            MetricKind.RocAuc => classes == 2 ? null : $"needs two classes, and {loss} on {graph.LossNode!.Inputs[0].Shape} has {(classes == 0 ? "none" : classes)}",
            MetricKind.Perplexity => entropy ? null : $"is e to a cross-entropy of classes, not of {loss}",
            _ => loss is MeanSquaredError or MeanAbsoluteError or Huber ? null : $"measures numbers, not the targets of {loss}",
        };
    }
}
