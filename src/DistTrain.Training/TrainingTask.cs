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
    private readonly GanGraphs? gan;

    private TrainingTask(Job job, Splits data, ModelGraph graph, Standardization? standardization, GanGraphs? gan = null)
    {
        Job = job;
        this.gan = gan;
        Graphs = gan is null ? [graph] : [gan.Discriminator, gan.Generator];
        Data = data;
        Graph = graph;
        Standardization = standardization;
        Layout = new ParameterLayout(gan?.Whole ?? graph);
        Steps = new StepPlan(data.Train.Count, job.Train.Batch, job.Train.Epochs, job.Train.StepsMax);
        Loader = new BatchLoader(data.Train, job.Train.Batch, job.Train.Seed)
        {
            Augmentation = job.Data.Augmentation(data.Train, job.Train.Seed, standardization),
        };
        Rule = job.Train.ToRule();
        Rules = ParameterRules.Of(job, Layout.Parameters.Select(parameter => (parameter.Shape.Length, parameter.Rule)));
        Slices = job.Train.SlicesFor(graph.Nodes.Max(node => node.Op.SliceSamples));
        Rates = LearningRates.Of(job, Steps.TotalSteps);
        Metrics = MetricPlan.Of(graph, job.Train);
        Steering = job.Train.Steering(Metrics);
        trainManifest = new Lazy<PartManifest>(() => PartManifest.Of(data.Train));
        dataSha256 = new Lazy<string>(() => TrainManifest.Fingerprint);
    }

    public Job Job { get; }

    public Splits Data { get; }

    /// <summary>What was done to the features of <see cref="Data"/>, so that the model can do it to others; null: nothing.</summary>
    public Standardization? Standardization { get; }

    /// <summary>With its loss; of two networks, the discriminator's.</summary>
    public ModelGraph Graph { get; }

    /// <summary>What steps compute, by turns: one, or the discriminator's and the generator's, over the same parameters.</summary>
    public IReadOnlyList<ModelGraph> Graphs { get; }

    /// <summary>What a trained model is: the graph, or of two networks the generator alone.</summary>
    public ModelGraph ResultGraph => gan?.Result ?? Graph;

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

    /// <summary>The set whose measurements steer: the validation part, or the training part where a loss is to be reached without one.</summary>
    public IDataSource? Steered => Data.Validation ?? (Steering is null ? null : Data.Train);

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
        if (model is Gan gan)
        {
            return Create(options.ToJob(new ModelJob { Gan = gan.Job }), new Splits(train, validation, test));
        }

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
        TrainingTask task = Create(job, data.Splits, data.Standardization);
        TokenCheck.Check(task.Graph, task.Data);
        return task;
    }

    /// <summary>The task of a job on data that were cut by it.</summary>
    /// <exception cref="UserError">The model, loss and data don't fit each other.</exception>
    public static TrainingTask Create(Job job, Splits data, Standardization? standardization = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(data);
        if (job.Model.Gan is { } networks)
        {
            return CreateGan(job, data, networks, standardization);
        }

        if (job.Model is { From: { } from, Preset: null, Layers: null, Nodes: null })
        {
            // Written out, so that nobody but the one who starts the run needs the folder.
            job = job with { Model = ModelFolder.ReadNetwork(from) with { From = from, Freeze = job.Model.Freeze } };
        }

        TargetDescription target = data.Train.Target;
        int outputs = target.Kind == TargetKind.Class ? target.Classes : Math.Max(1, target.ValueLength);
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
    /// <exception cref="UserError">The folder of model.from has no model, or one of other shapes.</exception>
    public float[] InitialWeights()
    {
        float[] weights = Layout.Initialize(Job.Train.Seed);
        if (Job.Model.From is { } folder)
        {
            ModelFolder.ReadInto(folder, Layout, weights);
        }

        return weights;
    }

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
        if (Job.Train.Ema is null || checkpoint.Step < Graphs.Count)
        {
            return checkpoint.Weights;
        }

        float[] result = [.. checkpoint.Weights];
        foreach (Parameter parameter in Layout.Parameters.Where(parameter => parameter.Rule.Kind == ParameterRuleKind.Optimizer))
        {
            Layout.Part(checkpoint.Slots.AsSpan()[^Layout.Length..], parameter.Index).CopyTo(Layout.Part(result, parameter.Index));
        }

        return result;
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

    private static TrainingTask CreateGan(Job job, Splits data, GanJob networks, Standardization? standardization)
    {
        IDataSource train = data.Train;
        if (train.Target.Kind == TargetKind.None)
        {
            throw new UserError($"data: {train.Name} has no targets; a GAN doesn't look at them, but needs a set that has some");
        }

        if ((networks.GeneratorOptimizer ?? job.Train.Optimizer).ToRule(0, null).SlotCount != job.Train.Optimizer.ToRule(0, null).SlotCount)
        {
            throw new UserError("model.gan.generatorOptimizer: keeps another number of values for each weight than train.optimizer; allowed: two optimizers of one kind");
        }

        int values = train.Target.ValueLength;
        var graphs = GanGraphs.Build(networks, train.SampleShape, new Shape(values));
        CheckMonitors(job.Train, graphs.Discriminator.Loss!, data);
        return new TrainingTask(job, data, graphs.Discriminator, standardization, graphs);
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
