using DistTrain.Graph;

namespace DistTrain.TestKit;

/// <summary>Recurrent layers in double precision, as their summaries have the formulas.</summary>
internal static class DoubleRecurrent
{
    /// <param name="node">Of a recurrent layer, or of one in both directions.</param>
    /// <param name="x">[steps, features] of one sample.</param>
    /// <param name="w">Parameters of the node.</param>
    /// <param name="mask">[steps]; null: every step is there.</param>
    public static double[] Evaluate(Node node, double[] x, double[][] w, double[]? mask)
    {
        int steps = node.Inputs[0].Shape[0];
        if (node.Op is RecurrentLayer one)
        {
            double[][] states = Walk(one, x, w, mask, steps, one.GoBackwards);
            return one.ReturnSequences ? [.. (one.GoBackwards ? states.Reverse() : states).SelectMany(h => h)] : states[one.GoBackwards ? 0 : ^1];
        }

        var both = (Bidirectional)node.Op;
        double[][] forward = Walk(both.Layer, x, w[..(w.Length / 2)], mask, steps, backwards: false);
        double[][] backward = Walk(both.Layer, x, w[(w.Length / 2)..], mask, steps, backwards: true);
        return both.Layer.ReturnSequences
            ? [.. forward.Zip(backward, (f, b) => Merge(both.Merge, f, b)).SelectMany(h => h)]
            : Merge(both.Merge, forward[^1], backward[0]);
    }

    private static double[] Merge(BidirectionalMerge merge, double[] forward, double[] backward) => merge switch
    {
        BidirectionalMerge.Concat => [.. forward, .. backward],
        BidirectionalMerge.Sum => [.. forward.Zip(backward, (f, b) => f + b)],
        BidirectionalMerge.Mul => [.. forward.Zip(backward, (f, b) => f * b)],
        _ => [.. forward.Zip(backward, (f, b) => (f + b) / 2)],
    };

    /// <summary>The state after each step, by time.</summary>
    private static double[][] Walk(RecurrentLayer layer, double[] x, double[][] w, double[]? mask, int steps, bool backwards)
    {
        int n = layer.Units, features = x.Length / steps, columns = w[1].Length / n;
        double[][] states = new double[steps][];
        double[] h = new double[n], c = new double[n];
        for (int k = 0; k < steps; k++)
        {
            int t = backwards ? steps - 1 - k : k;
            if (mask?[t] != 0)
            {
                double[] p = Product(x[(t * features)..((t + 1) * features)], w[0], columns, layer.UseBias ? w[2][..columns] : null);
                h = Step(layer, p, w, columns, h, c);
            }

            states[t] = h;
        }

        return states;
    }

    private static double[] Step(RecurrentLayer layer, double[] p, double[][] w, int columns, double[] h, double[] c)
    {
        int n = layer.Units;
        bool resetAfter = layer is GRU { ResetAfter: true };
        double[] q = Product(h, w[1], columns, resetAfter && layer.UseBias ? w[2][columns..] : null);
        double Gate(int gate, int j) => 1 / (1 + Math.Exp(-p[(gate * n) + j] - q[(gate * n) + j]));
        double[] next = new double[n];
        double[] reset = layer is GRU && !resetAfter
            ? Product([.. h.Select((v, j) => Gate(1, j) * v)], w[1], columns, null)
            : [];
        for (int j = 0; j < n; j++)
        {
            switch (layer)
            {
                case LSTM:
                    c[j] = (Gate(1, j) * c[j]) + (Gate(0, j) * Math.Tanh(p[(2 * n) + j] + q[(2 * n) + j]));
                    next[j] = Gate(3, j) * Math.Tanh(c[j]);
                    break;
                case GRU:
                    double u = resetAfter ? Gate(1, j) * q[(2 * n) + j] : reset[(2 * n) + j];
                    next[j] = (Gate(0, j) * h[j]) + ((1 - Gate(0, j)) * Math.Tanh(p[(2 * n) + j] + u));
                    break;
                default:
                    next[j] = ((SimpleRNN)layer).StateActivation is ReLU ? Math.Max(p[j] + q[j], 0) : Math.Tanh(p[j] + q[j]);
                    break;
            }
        }

        return next;
    }

    private static double[] Product(double[] x, double[] kernel, int columns, double[]? bias)
    {
        double[] y = bias is null ? new double[columns] : [.. bias];
        for (int k = 0; k < x.Length; k++)
        {
            for (int j = 0; j < columns; j++)
            {
                y[j] += x[k] * kernel[(k * columns) + j];
            }
        }

        return y;
    }
}
