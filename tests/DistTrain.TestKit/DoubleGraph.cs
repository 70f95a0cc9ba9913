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
                double[] result = node.Op is Dropout dropout && training
                    ? Dropped(node, dropout, inputs[0], batch.SampleIndices[row])
                    : DoubleOps.Evaluate(node, inputs, weights, node.Op.TakesMask && node.Inputs[0].Mask is Node mask ? Row(mask, row) : null);
                result.CopyTo(y, row * length);
            }

            values[node] = y;
        }
    }

    private double[] Row(Node node, int row) => values[node].AsSpan(row * node.Shape.Length, node.Shape.Length).ToArray();

    private double[] Dropped(Node node, Dropout dropout, double[] x, int sample)
    {
        float[] uniform = new float[x.Length];
        Philox.FillUniform(batch.Seed, (uint)sample, (uint)batch.Pass, Philox.Stream(node.Name), uniform);
        return [.. x.Select((value, i) => uniform[i] < dropout.Rate ? 0 : value / (1 - dropout.Rate))];
    }

    private double RowLoss(int row)
    {
        Node node = graph.LossNode!;
        double[] x = Row(node.Inputs[0], row);
        int targets = graph.Loss!.TargetShape(node.Inputs[0].Shape).Length;
        ReadOnlySpan<float> target = batch.Targets.AsSpan(row * targets, targets);
        double sum = 0;
        int classes = x.Length / targets;
        double[]? mask = node.Inputs[0].Mask is Node masked ? Row(masked, row) : null;
        for (int i = 0; i < targets; i++)
        {
            if (mask?[i * mask.Length / targets] == 0)
            {
                continue;
            }

            double t = target[i];
            sum += graph.Loss switch
            {
                SparseCategoricalCrossentropy => -Math.Log(DoubleOps.Softmax(x[(i * classes)..((i + 1) * classes)])[(int)t]),
                BinaryCrossentropy => Math.Max(x[i], 0) - (x[i] * t) + Math.Log(1 + Math.Exp(-Math.Abs(x[i]))),
                MeanSquaredError => (x[i] - t) * (x[i] - t),
                MeanAbsoluteError => Math.Abs(x[i] - t),
                _ => throw new NotSupportedException($"{graph.Loss} has no formula here."),
            };
        }

        return sum / targets;
    }
}
