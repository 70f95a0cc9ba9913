using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// A network, and its weights once it was trained or loaded. Predicting is thread-safe, also while a trainer puts new weights in
/// place: a call sees the old ones or the new ones, whole.
/// </summary>
public class Model
{
    private readonly ModelGraph? graph;
    private volatile TrainedModel? trained;

    /// <summary>A model with branches, from <see cref="GraphBuilder"/>.</summary>
    public Model(ModelGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        this.graph = graph;
    }

    /// <summary>For models that get their graph with the first data.</summary>
    private protected Model()
    {
    }

    private Model(TrainedModel trained)
    {
        graph = trained.Graph;
        this.trained = trained;
    }

    /// <summary>It has weights: it was trained or loaded.</summary>
    public bool IsTrained => trained is not null;

    /// <summary>With its loss, once it is trained.</summary>
    /// <exception cref="InvalidOperationException">A chain of layers that has not seen data yet has no shapes.</exception>
    public ModelGraph Graph => trained?.Graph ?? graph
        ?? throw new InvalidOperationException("The model has no graph yet: train it, or ask for BuildGraph(sampleShape).");

    /// <summary>The flat weights, in the order of <see cref="ParameterLayout"/>. Never written to again.</summary>
    public ReadOnlyMemory<float> Weights => Trained.Weights;

    /// <summary><see cref="WeightsHash"/> of <see cref="Weights"/>.</summary>
    public string WeightsSha256 => WeightsHash.Sha256(Weights.Span);

    /// <summary>Shape of one sample's prediction.</summary>
    public Shape OutputShape => Graph.Output.Shape;

    /// <summary>Names by class index, or null.</summary>
    public IReadOnlyList<string>? ClassNames => Trained.ClassNames;

    /// <summary>What raw rows, text or pictures the model takes, with what was fitted for it; null: features are numbers as they come.</summary>
    public InputFormat? Input => Trained.Input;

    private TrainedModel Trained => trained
        ?? throw new InvalidOperationException("The model has no weights yet: train it with FitAsync, or load it with Model.Load.");

    /// <summary>The graph for samples of a shape, without a loss.</summary>
    /// <exception cref="UserError">A layer can't take its input.</exception>
    public virtual ModelGraph BuildGraph(Shape sampleShape) => graph!.Inputs.Count == 1 && graph.Inputs[0].Shape == sampleShape
        ? graph
        : throw new UserError($"the model takes {string.Join(" and ", graph.Inputs.Select(input => input.Shape))}, the samples are {sampleShape}");

    /// <summary>Puts the outcome of a training in place; for trainers.</summary>
    public void Adopt(TrainingTask task, float[] weights) => trained = TrainedModel.From(task, weights);

    /// <summary>
    /// What the model says about one sample or more: probabilities after a softmax or sigmoid, numbers otherwise, in the units of
    /// the data where targets were scaled. Thread-safe; a sample's prediction doesn't depend on the others.
    /// </summary>
    /// <param name="features">Samples one after the other, row-major, scaled as the training data were before any standardisation.</param>
    /// <returns>[samples, <see cref="OutputShape"/>].</returns>
    /// <exception cref="ArgumentException">The length is no whole number of samples.</exception>
    public float[] Predict(ReadOnlySpan<float> features) => Trained.Predict(features);

    /// <inheritdoc cref="Predict(ReadOnlySpan{float})"/>
    public float[] Predict(IDataSource source) => Trained.Predict(source);

    /// <summary>The most likely class of each sample, or of each position of a sequence; for a single output, 1 from one half on.</summary>
    public int[] PredictClasses(ReadOnlySpan<float> features) => Trained.Classes(Predict(features));

    /// <inheritdoc cref="PredictClasses(ReadOnlySpan{float})"/>
    public int[] PredictClasses(IDataSource source) => Trained.Classes(Predict(source));

    /// <summary>What a generator makes of normal numbers: sample i depends on the seed and i alone.</summary>
    /// <param name="count">Samples, at least 1.</param>
    /// <param name="seed">The same seed makes the same samples.</param>
    /// <returns>[count, <see cref="OutputShape"/>].</returns>
    /// <exception cref="UserError">The model takes data, not a row of numbers.</exception>
    public float[] Generate(int count, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Trained.Generate(count, seed);
    }

    /// <summary>Mean loss and every metric that fits the loss over a set, in the order and with the bits of training's own evaluation.</summary>
    /// <exception cref="UserError">Its samples or targets don't fit the model.</exception>
    public EvaluationResult Evaluate(IDataSource source, ForkJoinPool? pool = null) => Trained.Evaluate(source, pool ?? ForkJoinPool.Single);

    /// <summary>Writes model.json and model.safetensors into a folder, which is made if it is missing.</summary>
    public void Save(string folder) => ModelFolder.Write(folder, Trained);

    /// <summary>Reads what <see cref="Save"/> or a run left.</summary>
    /// <exception cref="UserError">The folder has no model, or a damaged one.</exception>
    public static Model Load(string folder) => new(ModelFolder.Read(folder));

    /// <summary>Layers, shapes and parameters as a table (Keras: summary).</summary>
    public string Summary() => ModelSummary.Text(Graph);
}
