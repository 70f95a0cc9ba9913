using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// What a run computes, the same for whoever computes it: graph with its loss, layout, data, steps, update rule. Everything that
/// decides bits comes from here; immutable, shared by all workers of a process.
/// </summary>
public sealed class TrainingTask
{
    private TrainingTask(Job job, Splits data, ModelGraph graph, Standardization? standardization)
    {
        Job = job;
        Data = data;
        Graph = graph;
        Standardization = standardization;
        Layout = new ParameterLayout(graph);
        Steps = new StepPlan(data.Train.Count, job.Train.Batch, job.Train.Epochs, job.Train.Steps);
        Loader = new BatchLoader(data.Train, job.Train.Batch, job.Train.Seed);
        Rule = job.Train.Optimizer.ToRule(job.Train.L2, job.Train.ClipValue);
    }

    public Job Job { get; }

    public Splits Data { get; }

    /// <summary>What was done to the features of <see cref="Data"/>, so that the model can do it to others; null: nothing.</summary>
    public Standardization? Standardization { get; }

    /// <summary>With its loss.</summary>
    public ModelGraph Graph { get; }

    public ParameterLayout Layout { get; }

    public StepPlan Steps { get; }

    /// <summary>Gathers the samples of a step; any thread may use it.</summary>
    public BatchLoader Loader { get; }

    public IUpdateRule Rule { get; }

    /// <summary>Rate of every step.</summary>
    public float LearningRate => (float)Job.Train.Optimizer.LearningRate;

    /// <summary>V.</summary>
    public int Slices => Job.Train.SliceCount;

    /// <summary>The task of a job: its data opened, its model built. Reads files, writes none.</summary>
    /// <param name="job">Checked by <see cref="JobFile"/>.</param>
    /// <param name="folders">Where known data sets lie.</param>
    /// <exception cref="UserError">The data can't be used, or model, loss and data don't fit each other.</exception>
    public static TrainingTask Open(Job job, DataFolders folders)
    {
        var data = JobData.Open(job, folders);
        return Create(job, data.Splits, data.Standardization);
    }

    /// <summary>The task of a job on data that were cut by it.</summary>
    /// <exception cref="UserError">The model, loss and data don't fit each other.</exception>
    public static TrainingTask Create(Job job, Splits data, Standardization? standardization = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(data);
        TargetDescription target = data.Train.Target;
        int outputs = target.Kind == TargetKind.Class ? target.Classes : Math.Max(1, target.Length);
        return Create(job, data, GraphFromJob.Build(job.Model, data.Train.SampleShape, outputs), standardization);
    }

    /// <summary>The task of a graph that was built in C#.</summary>
    /// <param name="job">Its model is not looked at.</param>
    /// <param name="data">Training part and, where there are, the others.</param>
    /// <param name="graph">With or without its loss.</param>
    /// <param name="standardization">What was done to the data's features; null: nothing.</param>
    public static TrainingTask Create(Job job, Splits data, ModelGraph graph, Standardization? standardization = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(graph);
        IDataSource train = data.Train;
        if (graph.Inputs.Count != 1 || graph.Inputs[0].Shape != train.SampleShape)
        {
            throw new UserError($"model: takes {string.Join(" and ", graph.Inputs.Select(input => input.Shape))}; the samples of {train.Name} are {train.SampleShape}");
        }

        if (train.Target.Kind == TargetKind.None)
        {
            throw new UserError($"data: {train.Name} has no targets to learn from");
        }

        ModelGraph withLoss = graph.LossNode is null ? graph.WithLoss(LossFor(job.Train.Loss, train.Target)) : graph;
        CheckTargets(withLoss, train);
        return new TrainingTask(job, data, withLoss, standardization);
    }

    /// <summary>Weights of version 0.</summary>
    public float[] InitialWeights() => Layout.Initialize(Job.Train.Seed);

    /// <summary>Where a run begins that has no checkpoint.</summary>
    public Checkpoint Start() => new()
    {
        Step = 0,
        JobSha256 = Job.Sha256(),
        Weights = InitialWeights(),
        Slots = new float[Rule.SlotCount * Layout.Length],
        Optimizer = OptimizerState.Initial,
    };

    private static Loss LossFor(LossKind? kind, TargetDescription target)
    {
        LossKind chosen = kind ?? (target.Kind == TargetKind.Class ? LossKind.SparseCategoricalCrossentropy : LossKind.MeanSquaredError);
        return Loss.FromName(JobBinder.EnumName(chosen.ToString()));
    }

    /// <summary>A class index needs an output of its own; numbers need one output each.</summary>
    private static void CheckTargets(ModelGraph graph, IDataSource train)
    {
        Shape output = graph.Output.Shape;
        Loss loss = graph.Loss!;
        int floats = loss.TargetShape(output).Length;
        if (floats != train.Target.Length)
        {
            throw new UserError($"train.loss: {loss} on the model's output {output} takes {floats} target values a sample; {train.Name} has {train.Target.Length} ({train.Target})");
        }

        if (loss is SparseCategoricalCrossentropy && train.Target.Kind == TargetKind.Class && output.Dims[^1] < train.Target.Classes)
        {
            throw new UserError($"model: its output {output} tells {output.Dims[^1]} classes apart; {train.Name} has {train.Target.Classes}");
        }
    }
}
