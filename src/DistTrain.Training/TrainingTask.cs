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
    private readonly Lazy<PartManifest> trainManifest;
    private readonly Lazy<string> dataSha256;

    private TrainingTask(Job job, Splits data, ModelGraph graph, Standardization? standardization)
    {
        Job = job;
        Data = data;
        Graph = graph;
        Standardization = standardization;
        Layout = new ParameterLayout(graph);
        Steps = new StepPlan(data.Train.Count, job.Train.Batch, job.Train.Epochs, job.Train.Steps);
        Loader = new BatchLoader(data.Train, job.Train.Batch, job.Train.Seed)
        {
            Augmentation = job.Data.Augmentation(data.Train, job.Train.Seed, standardization),
        };
        Rule = job.Train.ToRule();
        Rules = new ParameterRules(Layout.Parameters.Select(parameter => (parameter.Shape.Length, parameter.Rule)), Rule);
        Slices = job.Train.SlicesFor(graph.Nodes.Max(node => node.Op.SliceSamples));
        Rates = new LearningRates(job.Train, Steps.TotalSteps);
        Metrics = MetricPlan.Of(graph, job.Train);
        Steering = job.Train.Steering(Metrics);
        trainManifest = new Lazy<PartManifest>(() => PartManifest.Of(data.Train));
        dataSha256 = new Lazy<string>(() => TrainManifest.Fingerprint);
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

    /// <summary>The optimizer's.</summary>
    public IUpdateRule Rule { get; }

    /// <summary>Who updates which parameter.</summary>
    public ParameterRules Rules { get; }

    public LearningRates Rates { get; }

    /// <summary>What evaluations measure besides the loss.</summary>
    public MetricPlan Metrics { get; }

    /// <summary>What measurements of the validation part decide; null: nothing.</summary>
    public SteeringRules? Steering { get; }

    /// <summary>V.</summary>
    public int Slices { get; }

    /// <summary>What the training part is, chunk by chunk; the first call reads all of it.</summary>
    public PartManifest TrainManifest => trainManifest.Value;

    /// <summary>Fingerprint of the training part; the first call reads all of it.</summary>
    public string DataSha256 => dataSha256.Value;

    /// <summary>The task of training a model made in C#.</summary>
    /// <param name="options">How.</param>
    /// <param name="model">Its graph is built for the samples of <paramref name="train"/>; its weights, if any, are not looked at.</param>
    /// <param name="train">What it learns from.</param>
    /// <param name="validation">Evaluated after every epoch; null: none.</param>
    /// <param name="test">Evaluated at the end; null: none.</param>
    /// <exception cref="UserError">An option is out of range, or model and data don't fit each other.</exception>
    public static TrainingTask Create(TrainerOptions options, Model model, IDataSource train, IDataSource? validation = null, IDataSource? test = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(train);
        ModelGraph graph = model.BuildGraph(train.SampleShape);
        return Create(options.ToJob(ModelJob.Describe(graph)), new Splits(train, validation, test), graph);
    }

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

        ModelGraph withLoss = graph.LossNode is null ? graph.WithLoss(LossFor(job.Train, train)) : graph;
        CheckTargets(withLoss, train);
        CheckMonitors(job.Train, withLoss.Loss!, data);
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

    /// <summary>The weights that a run that ends at a checkpoint leaves: the last step's, or with train.ema their running average.</summary>
    public float[] ResultWeights(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return Job.Train.Ema is null || checkpoint.Step == 0 ? checkpoint.Weights : checkpoint.Slots[^Layout.Length..];
    }

    /// <summary>Refuses a checkpoint that doesn't belong to this task.</summary>
    /// <param name="checkpoint">Where the run is to go on.</param>
    /// <param name="jobHashes">Hashes of the jobs that the checkpoint may come from: <see cref="RunFolder.JobHashes"/>.</param>
    /// <exception cref="UserError">It was made by another job or on other data, or is already beyond the last step.</exception>
    public void Check(Checkpoint checkpoint, IReadOnlySet<string> jobHashes)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(jobHashes);
        string problem = !jobHashes.Contains(checkpoint.JobSha256) ? $"comes from another job ({checkpoint.JobSha256}, here {Job.Sha256()})"
            : checkpoint.DataSha256.Length > 0 && checkpoint.DataSha256 != DataSha256 ? $"was made on other data: {Data.Train.Name} has fingerprint {DataSha256}, it had {checkpoint.DataSha256}"
            : checkpoint.Weights.Length != Layout.Length || checkpoint.Slots.Length != Rule.SlotCount * Layout.Length ? $"has {checkpoint.Weights.Length} weights and {checkpoint.Slots.Length} slot values; the job needs {Layout.Length} and {Rule.SlotCount * Layout.Length}"
            : checkpoint.Step > Steps.TotalSteps ? $"is beyond the last step, {Steps.TotalSteps}; allowed: a larger train.epochs or train.steps"
            : "";
        if (problem.Length > 0)
        {
            throw new UserError($"the checkpoint of step {checkpoint.Step} {problem}");
        }
    }

    private static Loss LossFor(TrainJob job, IDataSource train)
    {
        LossJob chosen = job.Loss ?? (train.Target.Kind == TargetKind.Class ? new SparseCategoricalCrossentropyJob()
            : train.Target.Classes > 0 ? new CategoricalCrossentropyJob()
            : new MeanSquaredErrorJob());
        float[]? weights = job.BalanceClasses ? ClassBalance.Weights(train) : job.ClassWeights?.Select(weight => (float)weight).ToArray();
        return chosen.ToLoss().Weighted(weights, job.WeightNormalization);
    }

    /// <summary>What is watched must be measured.</summary>
    private static void CheckMonitors(TrainJob train, Loss loss, Splits data)
    {
        string watcher = train.EarlyStopping is not null ? "train.earlyStopping" : "train.reduceLROnPlateau";
        if ((train.EarlyStopping is not null || train.ReduceLROnPlateau is not null) && data.Validation is null)
        {
            throw new UserError($"{watcher}: watches the validation part, and there is none; allowed: together with data.validation, such as 0.1");
        }

        bool accuracy = train.EarlyStopping?.Monitor == MonitorKind.Accuracy || train.ReduceLROnPlateau?.Monitor == MonitorKind.Accuracy;
        if (accuracy && loss.MetricName != "accuracy")
        {
            throw new UserError($"{watcher}.monitor: found accuracy, which {loss} doesn't measure; allowed: loss, or a metric of numbers");
        }
    }

    /// <summary>A class index needs an output of its own; numbers need one output each.</summary>
    private static void CheckTargets(ModelGraph graph, IDataSource train)
    {
        Shape output = graph.Output.Shape;
        Loss loss = graph.Loss!;
        int floats = loss.TargetShape(output).Length;
        if (floats != train.Target.ValueLength)
        {
            throw new UserError($"train.loss: {loss} on the model's output {output} takes {floats} target values a sample; {train.Name} has {train.Target.ValueLength} ({train.Target})");
        }

        if (loss is BinaryCrossentropy or Hinge && train.Target.Classes > 2)
        {
            throw new UserError($"train.loss: {loss} tells two classes apart; {train.Name} has {train.Target.Classes}: use sparseCategoricalCrossentropy");
        }

        if (loss is SparseCategoricalCrossentropy && train.Target.Kind == TargetKind.Class && output.Dims[^1] < train.Target.Classes)
        {
            throw new UserError($"model: its output {output} tells {output.Dims[^1]} classes apart; {train.Name} has {train.Target.Classes}");
        }
    }
}
