namespace DistTrain.Training;

/// <summary>
/// The learning rate of each step: the schedule, after a linear warm-up, times what a plateau left of it. Formed in double
/// precision, rounded once.
/// </summary>
public sealed class LearningRates
{
    /// <summary>Of each turn.</summary>
    private readonly double[] learningRates;
    private readonly ScheduleJob? schedule;
    private readonly long warmup;
    private readonly long wholeRun;

    /// <param name="train">Optimizer, schedule and warm-up.</param>
    /// <param name="totalSteps">Of the run.</param>
    /// <param name="second">The optimizer of odd steps, where steps take turns; null: there is one.</param>
    public LearningRates(TrainJob train, long totalSteps, OptimizerJob? second = null)
    {
        ArgumentNullException.ThrowIfNull(train);
        learningRates = second is null ? [train.Optimizer.LearningRate] : [train.Optimizer.LearningRate, second.LearningRate];
        schedule = train.Schedule;
        warmup = train.WarmupSteps ?? 0;
        wholeRun = Math.Max(1, totalSteps - warmup);
        Changes = schedule is not null and not ConstantJob || warmup > 0 || train.ReduceLROnPlateau is not null || learningRates[0] != learningRates[^1];
    }

    /// <summary>The rates of a job's steps.</summary>
    public static LearningRates Of(Job job, long totalSteps)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new LearningRates(job.Train, totalSteps, job.Model.Gan is { } gan ? gan.GeneratorOptimizer ?? job.Train.Optimizer : null);
    }

    /// <summary>Whether steps can have different rates: then events tell them.</summary>
    public bool Changes { get; }

    /// <summary>rate · (step + 1) / warmupSteps before warmupSteps, else the schedule of step - warmupSteps; times factor.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="factor">Of a plateau; 1 = none.</param>
    public float At(long step, double factor = 1)
    {
        double learningRate = learningRates[step % learningRates.Length];
        double rate = step < warmup ? learningRate * (step + 1) / warmup
            : schedule?.Rate(learningRate, step - warmup, wholeRun) ?? learningRate;
        return (float)(rate * factor);
    }
}
