using DistTrain.Graph;

namespace DistTrain.TestKit;

/// <summary>Random rows for a graph that has a loss: normal-looking inputs and parameters away from zero, targets that fit.</summary>
public sealed class GraphBatch
{
    /// <param name="graph">With a loss.</param>
    /// <param name="rows">Samples.</param>
    /// <param name="seed">Of everything drawn.</param>
    /// <param name="weighted">Whether samples have weights.</param>
    public GraphBatch(ModelGraph graph, int rows, int seed, bool weighted = false)
    {
        var random = new Random(seed);
        Rows = rows;
        Seed = (ulong)seed;
        Inputs = [.. graph.Inputs.Select(input => Draw(random, rows * input.Shape.Length))];
        foreach (Node table in graph.Nodes.Where(node => node.Op is Embedding && node.Inputs[0].Op is Input))
        {
            float[] ids = Inputs[graph.Inputs.ToList().IndexOf(table.Inputs[0])];
            Array.ForEach([.. Enumerable.Range(0, ids.Length)], i => ids[i] = random.Next(((Embedding)table.Op).InputDim));
        }

        foreach (Node mask in graph.Nodes.Where(node => node.Op is Mask && node.Inputs[0].Op is Input))
        {
            Pad(random, mask, Inputs[graph.Inputs.ToList().IndexOf(mask.Inputs[0])]);
        }

        Parameters = [.. graph.Parameters.Select(parameter => Draw(random, parameter.Shape.Length))];
        SampleIndices = [.. Enumerable.Range(0, rows).Select(_ => random.Next(100_000))];
        Loss loss = graph.Loss ?? throw new ArgumentException("The graph has no loss.", nameof(graph));
        Node prediction = graph.LossNode!.Inputs[0];
        int targets = loss.TargetShape(prediction.Shape).Length;
        Targets = [.. Enumerable.Range(0, rows * targets).Select(_ => loss switch
        {
            SparseCategoricalCrossentropy => random.Next(prediction.Shape.Dims[^1]),
            BinaryCrossentropy or Hinge => random.Next(2),
            CategoricalCrossentropy or KLDivergence => random.NextSingle(),
            _ => (2 * random.NextSingle()) - 1,
        })];
        SampleWeights = weighted ? [.. Enumerable.Range(0, rows).Select(_ => 2 * random.NextSingle())] : [];
    }

    public int Rows { get; }

    public ulong Seed { get; }

    public int Pass { get; init; } = 3;

    public float[][] Inputs { get; }

    public float[] Targets { get; }

    /// <summary>Empty: all weigh 1.</summary>
    public float[] SampleWeights { get; }

    public float[][] Parameters { get; }

    public int[] SampleIndices { get; }

    /// <summary>The batch as an executor takes it.</summary>
    public ForwardRun Run() => Run(0, Rows);

    /// <summary>Some of its rows, as a worker that holds only these would run them.</summary>
    public ForwardRun Run(int first, int count) => new()
    {
        Rows = count,
        Inputs = [.. Inputs.Select(input => Part(input, first, count))],
        Targets = Part(Targets, first, count),
        SampleWeights = SampleWeights.AsMemory(SampleWeights.Length == 0 ? 0 : first, SampleWeights.Length == 0 ? 0 : count),
        Parameters = [.. Parameters.Select(values => (ReadOnlyMemory<float>)values)],
        SampleIndices = SampleIndices.AsMemory(first, count),
        Seed = Seed,
        Pass = Pass,
    };

    private ReadOnlyMemory<float> Part(float[] whole, int first, int count)
    {
        int length = whole.Length / Rows;
        return whole.AsMemory(first * length, count * length);
    }

    /// <summary>Sequences of different lengths, one of them whole and one without any position that is there.</summary>
    private void Pad(Random random, Node mask, float[] values)
    {
        int steps = mask.Shape.Dims[^1], sequences = Rows * mask.Shape.Length / steps, each = values.Length / (sequences * steps);
        for (int s = 0; s < sequences; s++)
        {
            int there = s switch { 0 => steps, 3 => 0, _ => random.Next(steps + 1) };
            values.AsSpan(((s * steps) + there) * each, (steps - there) * each).Fill(((Mask)mask.Op).Padding);
        }
    }

    private static float[] Draw(Random random, int length) =>
        [.. Enumerable.Range(0, length).Select(_ => (2 * random.NextSingle()) - 1)];
}
