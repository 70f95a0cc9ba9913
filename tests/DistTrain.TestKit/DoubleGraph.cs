using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.TestKit;

/// <summary>
/// Evaluates a graph's loss in double precision, element by element, straight from the formulas: the slow twin that the float
/// kernels and their derivatives are tested against.
/// </summary>
public sealed class DoubleGraph(ModelGraph graph, GraphBatch batch)
{
    private readonly Dictionary<Node, double[]> values = [];

    /// <summary>The loss summed over the rows.</summary>
    /// <param name="parameters">By index.</param>
    /// <param name="training">With dropout.</param>
    public double LossSum(double[][] parameters, bool training = true)
    {
        Run(parameters, training);
        double sum = 0;
        for (int row = 0; row < batch.Rows; row++)
        {
            sum += RowLoss(row);
        }

        return sum;
    }

    /// <summary>The model's output, [rows, shape].</summary>
    public double[] Output(double[][] parameters)
    {
        Run(parameters, training: false);
        return values[graph.Output];
    }

    private void Run(double[][] parameters, bool training)
    {
        values.Clear();
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            values[graph.Inputs[i]] = Array.ConvertAll(batch.Inputs[i], x => (double)x);
        }

        foreach (Node node in graph.Nodes.Where(node => node.Op is not Input and not Loss))
        {
            int length = node.Shape.Length;
            double[] y = new double[batch.Rows * length];
            for (int row = 0; row < batch.Rows; row++)
            {
                double[][] inputs = [.. node.Inputs.Select(input => Row(input, row))];
                double[][] weights = [.. node.Parameters.Select(parameter => parameters[parameter.Index])];
                double[] result = node.Op is Dropout dropout && training ? Dropped(node, dropout.Rate, length, inputs[0], batch.SampleIndices[row])
                    : node.Op is SpatialDropout1D spatial && training ? Dropped(node, spatial.Rate, node.Shape[1], inputs[0], batch.SampleIndices[row])
                    : DoubleOps.Evaluate(node, inputs, weights, node.Op.TakesMask && node.Inputs[0].Mask is Node mask ? Row(mask, row) : null);
                result.CopyTo(y, row * length);
            }

            values[node] = y;
        }
    }

    private double[] Row(Node node, int row) => values[node].AsSpan(row * node.Shape.Length, node.Shape.Length).ToArray();

    private double[] Dropped(Node node, float rate, int length, double[] x, int sample)
    {
        float[] uniform = new float[length];
        Philox.FillUniform(batch.Seed, (uint)sample, (uint)batch.Pass, Philox.Stream(node.Name), uniform);
        return [.. x.Select((value, i) => uniform[i % length] < rate ? 0 : value / (1 - rate))];
    }

    private double RowLoss(int row)
    {
        Node node = graph.LossNode!;
        double[] x = Row(node.Inputs[0], row);
        int targets = graph.Loss!.TargetShape(node.Inputs[0].Shape).Length;
        ReadOnlySpan<float> target = batch.Targets.AsSpan(row * targets, targets);
        double sum = 0, weight = batch.SampleWeights.Length == 0 ? 1 : batch.SampleWeights[row];
        double[]? mask = node.Inputs[0].Mask is Node masked ? Row(masked, row) : null;
        if (graph.Loss is CategoricalCrossentropy or KLDivergence)
        {
            return weight * SoftLoss(graph.Loss, node.Inputs[0].Shape.Dims[^1], x, target, mask);
        }

        int classes = x.Length / targets;
        for (int i = 0; i < targets; i++)
        {
            if (mask?[i * mask.Length / targets] == 0)
            {
                continue;
            }

            double t = target[i];
            sum += ClassWeight(graph.Loss, t) * graph.Loss switch
            {
                SparseCategoricalCrossentropy sparse => sparse.IgnoreClass == t ? 0 : Smoothed(x[(i * classes)..((i + 1) * classes)], (int)t, sparse.LabelSmoothing),
                BinaryCrossentropy binary => Logistic(x[i], (t * (1 - binary.LabelSmoothing)) + (binary.LabelSmoothing / 2.0)),
                Huber huber => Math.Abs(x[i] - t) <= huber.Delta ? (x[i] - t) * (x[i] - t) / 2 : huber.Delta * (Math.Abs(x[i] - t) - (huber.Delta / 2.0)),
                Hinge hinge => Math.Pow(Math.Max(0, 1 - ((t > 0 ? 1 : -1) * x[i])), hinge.Squared ? 2 : 1),
                MeanSquaredError => (x[i] - t) * (x[i] - t),
                MeanAbsoluteError => Math.Abs(x[i] - t),
                _ => throw new NotSupportedException($"{graph.Loss} has no formula here."),
            };
        }

        return weight * sum / targets;
    }

    private static double Logistic(double x, double t) => Math.Max(x, 0) - (x * t) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static double Smoothed(double[] x, int label, double smoothing)
    {
        double[] losses = [.. DoubleOps.Softmax(x).Select(p => -Math.Log(p))];
        return ((1 - smoothing) * losses[label]) + (smoothing * losses.Average());
    }

    private static double SoftLoss(Loss loss, int classes, double[] x, ReadOnlySpan<float> target, double[]? mask)
    {
        double sum = 0, smoothing = (loss as CategoricalCrossentropy)?.LabelSmoothing ?? 0;
        for (int first = 0; first < x.Length; first += classes)
        {
            if (mask?[first * mask.Length / x.Length] == 0)
            {
                continue;
            }

            double[] p = DoubleOps.Softmax(x[first..(first + classes)]);
            double weight = 0, cell = 0;
            for (int c = 0; c < classes; c++)
            {
                double t = (target[first + c] * (1 - smoothing)) + (smoothing / classes);
                weight += target[first + c] * (loss.ClassWeights?[c] ?? 0);
                cell += loss is KLDivergence ? (t > 0 ? t * (Math.Log(t) - Math.Log(p[c])) : 0) : -t * Math.Log(p[c]);
            }

            sum += (loss.ClassWeights is null ? 1 : weight) * cell;
        }

        return sum * classes / x.Length;
    }

    private static double ClassWeight(Loss loss, double target) => loss.ClassWeights is not { } weights ? 1
        : loss is SparseCategoricalCrossentropy { IgnoreClass: { } ignored } && ignored == target ? 0
        : weights[loss is SparseCategoricalCrossentropy ? (int)target : target > 0.5 ? 1 : 0];
}
