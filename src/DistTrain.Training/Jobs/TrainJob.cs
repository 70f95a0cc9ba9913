using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Section train: everything about learning that decides bits.</summary>
public sealed record TrainJob
{
    internal const int TopKDefault = 5;

    [JobKey("Walks over the training samples.", Min = 1, Max = 1_000_000)]
    public int Epochs { get; init; } = 5;

    [JobKey("Stop after so many steps, even within an epoch.", Min = 1, Max = 1_000_000_000_000, Automatic = "all steps of all epochs")]
    public long? Steps { get; init; }

    [JobKey("Ends the run early; its keys are below.", Automatic = "absent")]
    public StopJob? Stop { get; init; }

    [JobKey("Samples a step, over all workers together.", Min = 1, Max = 1 << 20)]
    public int Batch { get; init; } = 64;

    [JobKey("Slices of a batch (a power of two): the most workers that can share a step.", Min = 1, Max = 1024, Automatic = "the largest power of two that is at most 8 and at most batch / 4 (batch / 16 with batchNormalization)")]
    public int? Slices { get; init; }

    [JobKey("The update rule.")]
    public OptimizerJob Optimizer { get; init; } = new AdamJob();

    [JobKey("What is made small.", Automatic = "sparseCategoricalCrossentropy for classes, meanSquaredError for numbers")]
    public LossJob? Loss { get; init; }

    [JobKey("Weight of each class while training, in the order of the classes; validation and test are not weighted.", Min = 0, Automatic = "all 1")]
    public IReadOnlyList<double>? ClassWeights { get; init; }

    [JobKey("Weighs each class by samples / (classes · samples of the class), counted over the training part.")]
    public bool BalanceClasses { get; init; }

    [JobKey("What a weighted sum of losses is divided by. weights: the sum of the weights (PyTorch); samples: their number (Keras).")]
    public WeightNormalization WeightNormalization { get; init; } = WeightNormalization.Weights;

    [JobKey("What is measured over the validation and the test part besides the loss and its own metric.", Automatic = "nothing")]
    public IReadOnlyList<MetricKind>? Metrics { get; init; }

    [JobKey("How many of the largest outputs topKAccuracy looks at.", Min = 1, Max = 1_000_000)]
    public int TopK { get; init; } = TopKDefault;

    [JobKey("Decides initial weights, order of samples, dropout and splits.", Min = 0, Max = ulong.MaxValue)]
    public ulong Seed { get; init; } = 1;

    [JobKey("Samples of one evaluation batch.", Min = 1, Max = 1 << 20)]
    public int EvaluationBatch { get; init; } = 256;

    [JobKey("Gradients are cut to [-clipValue, clipValue], element by element.", Min = 0, AboveMin = true, Automatic = "not at all", Group = "clip")]
    public double? ClipValue { get; init; }

    [JobKey("Gradients are scaled down until the norm over all weights is at most this (PyTorch's clip_grad_norm_).", Min = 0, AboveMin = true, Automatic = "not at all", Group = "clip")]
    public double? ClipNorm { get; init; }

    [JobKey("l2 times the weight is added to the gradient.", Min = 0)]
    public double L2 { get; init; }

    [JobKey("l1 times the weight's sign is added to the gradient.", Min = 0)]
    public double L1 { get; init; }

    [JobKey("The run's weights are the running average of each step's: this share of the average is kept (Keras: use_ema, ema_momentum). Validation parts are measured on the steps' own weights.", Min = 0, Max = 1, BelowMax = true, Automatic = "the last step's own weights")]
    public double? Ema { get; init; }

    [JobKey("How the learning rate changes with the steps.", Automatic = "constant")]
    public ScheduleJob? Schedule { get; init; }

    [JobKey("Steps in which the learning rate rises from near 0 to its full value, before the schedule begins.", Min = 1, Max = 1_000_000_000_000, Automatic = "no warm-up")]
    public long? WarmupSteps { get; init; }

    [JobKey("Lowers the learning rate when the validation part gets no better; absent: never. Its keys are below.", Automatic = "absent")]
    public PlateauJob? ReduceLROnPlateau { get; init; }

    [JobKey("Ends the run when the validation part gets no better; absent: never. Its keys are below.", Automatic = "absent")]
    public EarlyStoppingJob? EarlyStopping { get; init; }

    /// <summary>What measurements of the validation part decide; null: nothing.</summary>
    /// <param name="metrics">What is measured.</param>
    internal SteeringRules? Steering(MetricPlan metrics) => ReduceLROnPlateau is null && EarlyStopping is null && Stop?.Loss is null ? null : new SteeringRules(
        ReduceLROnPlateau is { } plateau
            ? new PlateauRule(Monitors.MeanOf(plateau.Monitor, metrics), plateau.Factor, plateau.Patience, plateau.MinDelta, plateau.Cooldown, plateau.MinLearningRate / Optimizer.LearningRate)
            : null,
        EarlyStopping is { } stopping
            ? new StoppingRule(Monitors.MeanOf(stopping.Monitor, metrics), stopping.Patience, stopping.MinDelta, stopping.RestoreBest)
            : null)
    {
        Metrics = metrics.Metrics,
        LossToReach = Stop?.Loss,
    };

    /// <summary>Last step of the run, if it is not that of the last epoch.</summary>
    public long? StepsMax => (Steps, Stop?.Steps) switch
    {
        ({ } steps, { } stop) => Math.Min(steps, stop),
        (var steps, var stop) => steps ?? stop,
    };

    /// <summary>The update rule of the run.</summary>
    /// <param name="l2">Beside the run's own: a layer's.</param>
    /// <param name="l1">Likewise.</param>
    public IUpdateRule ToRule(double l2 = 0, double l1 = 0)
    {
        IUpdateRule rule = Optimizer.ToRule(L2 + l2, ClipValue, L1 + l1);
        return Ema is { } decay ? new AveragedRule(rule, decay) : rule;
    }

    /// <summary>V: <see cref="Slices"/>, or its default from the batch.</summary>
    /// <param name="samples">What a slice has at least by default: the most that an op of the model asks for.</param>
    public int SlicesFor(int samples)
    {
        int slices = Slices ?? 1;
        while (Slices is null && slices < 8 && slices * 2 <= Batch / samples)
        {
            slices *= 2;
        }

        return slices;
    }
}
