using System.Collections.Concurrent;
using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>A graph with its weights and all that is needed to use them. Immutable but for its spare executors.</summary>
internal sealed record TrainedModel
{
    /// <summary>Rows of one forward pass of a prediction: enough to fill the kernels, little enough for a laptop's cache.</summary>
    private const int PredictionRowsMax = 256;

    /// <summary>Executors that wait for the next call; each is used by one thread at a time.</summary>
    private readonly ConcurrentBag<GraphExecutor> spare = [];

    /// <summary>With its loss.</summary>
    public required ModelGraph Graph { get; init; }

    public required float[] Weights { get; init; }

    public required IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Applied to features before the network; null: none.</summary>
    public required Standardization? Standardization { get; init; }

    /// <summary>What raw input it takes; null: features as they are.</summary>
    public InputFormat? Input { get; init; }

    /// <summary>V and batch of evaluations: they decide the order of its sums.</summary>
    public required int Slices { get; init; }

    public required int EvaluationBatch { get; init; }

    public Shape SampleShape => Graph.Inputs[0].Shape;

    public static TrainedModel From(TrainingTask task, float[] weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, task.Layout.Length);

        // A generator takes normal numbers: what the data are like, classes and scaling, doesn't tell how to read them.
        bool takesData = task.ResultGraph == task.Graph;
        return new TrainedModel
        {
            Graph = task.ResultGraph,
            Weights = [.. weights.AsSpan(0, (int)task.ResultGraph.ParameterCount)],
            ClassNames = takesData ? task.Data.Train.Target.ClassNames : null,
            Standardization = takesData ? task.Standardization : null,
            Input = takesData ? task.Data.Input : null,
            Slices = task.Slices,
            EvaluationBatch = task.Job.Train.EvaluationBatch,
        };
    }

    public float[] Predict(ReadOnlySpan<float> features)
    {
        int length = SampleShape.Length;
        if (features.Length % length != 0)
        {
            throw new ArgumentException($"{features.Length} floats are no whole number of samples {SampleShape}.", nameof(features));
        }

        if (features.Length == 0)
        {
            return [];
        }

        IDataSource source = Dataset.FromArrays(features.ToArray(), SampleShape);
        return Predict(source);
    }

    public float[] Predict(IDataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.SampleShape != SampleShape)
        {
            throw new UserError($"{source.Name}: has samples {source.SampleShape}; the model takes {SampleShape}");
        }

        IDataSource scaled = Standardization?.Apply(source) ?? source;
        ReadOnlyMemory<float>[] parameters = new ParameterLayout(Graph).Parts(Weights);
        GraphExecutor executor = spare.TryTake(out GraphExecutor? waiting)
            ? waiting
            : new GraphExecutor(GraphPlan.ForPrediction(Graph, PredictionRowsMax), ForkJoinPool.Single);
        int outputs = Graph.Output.Shape.Length, length = SampleShape.Length;
        float[] predictions = new float[checked(source.Count * outputs)];
        Embedding? tokens = TokenCheck.Of(Graph);
        float[] features = new float[Math.Min(source.Count, PredictionRowsMax) * length];
        for (int first = 0; first < source.Count; first += PredictionRowsMax)
        {
            int rows = Math.Min(PredictionRowsMax, source.Count - first);
            int[] indices = [.. Enumerable.Range(first, rows)];
            scaled.Read(indices, features.AsSpan(0, rows * length), []);
            TokenCheck.Check(tokens, source, first, features.AsSpan(0, rows * length));
            executor.Forward(new ForwardRun { Rows = rows, Inputs = [features.AsMemory(0, rows * length)], Parameters = parameters });
            executor.Prediction.CopyTo(predictions.AsSpan(first * outputs));
        }

        spare.Add(executor);
        for (int i = 0; Input?.TargetScaling is { } scaling && i < predictions.Length; i++)
        {
            predictions[i] = scaling.Undo(predictions[i]);
        }

        return predictions;
    }

    public float[] Generate(int count, ulong seed)
    {
        if (Input is not null || SampleShape.Rank != 1)
        {
            throw new UserError($"the model takes samples {SampleShape} of data; allowed: a generator, which takes (numbers)");
        }

        float[] noise = new float[checked(count * SampleShape.Length)];
        uint stream = Philox.Stream("generate");
        for (int i = 0; i < count; i++)
        {
            Philox.FillNormal(seed, (uint)i, 0, stream, noise.AsSpan(i * SampleShape.Length, SampleShape.Length));
        }

        return Predict(noise);
    }

    public int[] Classes(float[] predictions)
    {
        int outputs = Graph.Output.Shape.Dims[^1];
        int[] classes = new int[predictions.Length / outputs];
        for (int row = 0; row < classes.Length; row++)
        {
            ReadOnlySpan<float> outcome = predictions.AsSpan(row * outputs, outputs);
            if (outputs == 1)
            {
                classes[row] = outcome[0] >= 0.5f ? 1 : 0;
                continue;
            }

            for (int i = 1; i < outputs; i++)
            {
                classes[row] = outcome[i] > outcome[classes[row]] ? i : classes[row];
            }
        }

        return classes;
    }

    public EvaluationResult Evaluate(IDataSource source, ForkJoinPool pool)
    {
        IDataSource scaled = Standardization?.Apply(source) ?? source;
        TokenCheck.Check(Graph, scaled);
        return new SliceEvaluation(Graph, new ParameterLayout(Graph), Slices, EvaluationBatch, scaled, pool, MetricPlan.All(Graph)).Evaluate(Weights);
    }
}
