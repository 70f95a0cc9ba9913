using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Adds samples to the sums of a <see cref="MetricPlan"/>: per slice from +0, samples and cells ascending, then up the tree.</summary>
/// <remarks>Counts are whole numbers below 2²⁴ in a batch, so exact in any order; errors and weighted counts have this one.</remarks>
internal sealed class MetricSums
{
    private readonly MetricPlan plan;
    private readonly float[] reference;
    private float[] stack = [];
    private float[] shares = [];

    /// <param name="plan">What to sum.</param>
    /// <param name="reference">A target, so that R2's sums are of small numbers; may be any.</param>
    public MetricSums(MetricPlan plan, float[] reference)
    {
        this.plan = plan;
        this.reference = reference;
    }

    /// <summary>Tree sums over the rows of the executor's last forward pass.</summary>
    /// <param name="executor">Of a plan that ends at the loss.</param>
    /// <param name="targets">[rows, target].</param>
    /// <param name="tree">Over exactly those rows.</param>
    /// <param name="sums">As many as the plan has; overwritten.</param>
    public void Sum(GraphExecutor executor, ReadOnlySpan<float> targets, SliceTree tree, Span<float> sums)
    {
        int width = plan.SumCount;
        int cells = plan.Graph.Loss!.CellsOf(plan.Graph.LossNode!.Inputs[0].Shape);
        if (shares.Length < tree.Rows * cells)
        {
            shares = new float[tree.Rows * cells];
        }

        if (stack.Length < (tree.StackDepth + 1) * width)
        {
            stack = new float[(tree.StackDepth + 1) * width];
        }

        executor.FillShares(shares.AsSpan(0, tree.Rows * cells));
        ReadOnlySpan<float> predictions = executor.LossInput;
        int outputs = predictions.Length / tree.Rows, targetFloats = targets.Length / tree.Rows, depth = 0;
        for (int leaf = 0; leaf < tree.PresentLeaves; leaf++)
        {
            Span<float> sum = stack.AsSpan(depth * width, width);
            sum.Clear();
            int first = tree.RowStarts[leaf], rows = tree.RowCounts[leaf];
            Add(
                predictions.Slice(first * outputs, rows * outputs),
                targets.Slice(first * targetFloats, rows * targetFloats),
                shares.AsSpan(first * cells, rows * cells),
                sum);
            for (int merge = 0; merge < tree.MergesAfter[leaf]; merge++)
            {
                depth--;
                Span<float> left = stack.AsSpan(depth * width, width), right = stack.AsSpan((depth + 1) * width, width);
                for (int i = 0; i < width; i++)
                {
                    left[i] += right[i];
                }
            }

            depth++;
        }

        stack.AsSpan(0, width).CopyTo(sums);
    }

    private void Add(ReadOnlySpan<float> x, ReadOnlySpan<float> t, ReadOnlySpan<float> weights, Span<float> sums)
    {
        bool classCounts = false, errors = false;
        foreach (Metric metric in plan.Metrics)
        {
            Span<float> own = sums[(metric.First - (Loss.StatisticCount - 1))..];
            switch (metric.Kind)
            {
                case MetricKind.TopKAccuracy:
                    AddHits(x, t, weights, own);
                    break;
                case MetricKind.RocAuc:
                    AddCurve(x, t, weights, own);
                    break;
                case MetricKind.R2:
                    AddSpreads(x, t, weights, own);
                    break;
                case MetricKind.Precision or MetricKind.Recall or MetricKind.F1 when !classCounts:
                    AddClasses(x, t, weights, own);
                    classCounts = true;
                    break;
                case MetricKind.MeanAbsoluteError or MetricKind.RootMeanSquaredError when !errors:
                    AddErrors(x, t, weights, own);
                    errors = true;
                    break;
            }
        }

        if (plan.Confusion >= 0)
        {
            Span<float> matrix = sums[(plan.Confusion - (Loss.StatisticCount - 1))..];
            for (int i = 0; i < weights.Length; i++)
            {
                if (weights[i] != 0)
                {
                    matrix[(Being(t, i) * plan.Classes) + Called(x, i)] += weights[i];
                }
            }
        }
    }

    private void AddClasses(ReadOnlySpan<float> x, ReadOnlySpan<float> t, ReadOnlySpan<float> weights, Span<float> sums)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0)
            {
                continue; // padding: its target may be no class
            }

            int called = Called(x, i), being = Being(t, i);
            sums[3 * being] += called == being ? weights[i] : 0;
            sums[(3 * called) + 1] += weights[i];
            sums[(3 * being) + 2] += weights[i];
        }
    }

    /// <summary>A hit: fewer than k outputs are larger than the class's, or equal and before it.</summary>
    private void AddHits(ReadOnlySpan<float> x, ReadOnlySpan<float> t, ReadOnlySpan<float> weights, Span<float> sums)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            sums[0] += weights[i];
            if (weights[i] == 0)
            {
                continue;
            }

            ReadOnlySpan<float> row = x.Slice(i * plan.Classes, plan.Classes);
            int being = Being(t, i), before = 0;
            for (int c = 0; c < row.Length; c++)
            {
                before += row[c] > row[being] || (row[c] == row[being] && c < being) ? 1 : 0;
            }

            sums[1] += before < plan.TopK ? weights[i] : 0;
        }
    }

    private void AddCurve(ReadOnlySpan<float> x, ReadOnlySpan<float> t, ReadOnlySpan<float> weights, Span<float> sums)
    {
        bool two = x.Length > weights.Length;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] != 0)
            {
                float score = two ? x[(2 * i) + 1] - x[2 * i] : x[i];
                sums[(Being(t, i) * Metric.CurveBins) + Metric.BinOf(score)] += weights[i];
            }
        }
    }

    private static void AddErrors(ReadOnlySpan<float> x, ReadOnlySpan<float> t, ReadOnlySpan<float> weights, Span<float> sums)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            float d = x[i] - t[i];
            if (weights[i] != 0)
            {
                sums[0] += weights[i];
                sums[1] += weights[i] * MathF.Abs(d);
                sums[2] += weights[i] * (d * d);
            }
        }
    }

    private void AddSpreads(ReadOnlySpan<float> x, ReadOnlySpan<float> t, ReadOnlySpan<float> weights, Span<float> sums)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            int output = i % plan.Outputs;
            float d = x[i] - t[i], from = t[i] - reference[output];
            if (weights[i] != 0)
            {
                Span<float> own = sums.Slice(4 * output, 4);
                own[0] += weights[i];
                own[1] += weights[i] * (d * d);
                own[2] += weights[i] * from;
                own[3] += weights[i] * (from * from);
            }
        }
    }

    /// <summary>The class that a cell's outputs say: the first largest, or 1 for a positive logit.</summary>
    private int Called(ReadOnlySpan<float> x, int cell)
    {
        if (plan.Outputs == 1)
        {
            return x[cell] > 0 ? 1 : 0;
        }

        return FirstMaximum(x.Slice(cell * plan.Classes, plan.Classes));
    }

    private int Being(ReadOnlySpan<float> t, int cell) => plan.Graph.Loss switch
    {
        SparseCategoricalCrossentropy => (int)t[cell],
        CategoricalCrossentropy => FirstMaximum(t.Slice(cell * plan.Classes, plan.Classes)),
        Hinge => t[cell] > 0 ? 1 : 0,
        _ => t[cell] > 0.5f ? 1 : 0,
    };

    private static int FirstMaximum(ReadOnlySpan<float> x)
    {
        int best = 0;
        for (int i = 1; i < x.Length; i++)
        {
            best = x[i] > x[best] ? i : best;
        }

        return best;
    }
}
