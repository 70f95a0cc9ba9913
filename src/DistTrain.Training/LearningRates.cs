namespace DistTrain.Training;

/// <summary>
/// The learning rate of each step: the schedule, after a linear warm-up, times what a plateau left of it. Formed in double
/// precision, rounded once.
/// </summary>
public sealed class LearningRates
{
    private readonly double learningRate;
    private readonly ScheduleJob? schedule;
    private readonly long warmup;
    private readonly long wholeRun;

    /// <param name="train">Optimizer, schedule and warm-up.</param>
    /// <param name="totalSteps">Of the run.</param>
    public LearningRates(TrainJob train, long totalSteps)
    {
        ArgumentNullException.ThrowIfNull(train);
        learningRate = train.Optimizer.LearningRate;
        schedule = train.Schedule;
        warmup = train.WarmupSteps ?? 0;
        wholeRun = Math.Max(1, totalSteps - warmup);
        Changes = schedule is not null and not ConstantJob || warmup > 0 || train.ReduceLROnPlateau is not null;
    }

    /// <summary>Whether steps can have different rates: then events tell them.</summary>
    public bool Changes { get; }

    /// <summary>rate · (step + 1) / warmupSteps before warmupSteps, else the schedule of step - warmupSteps; times factor.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="factor">Of a plateau; 1 = none.</param>
    public float At(long step, double factor = 1)
    {
        double rate = step < warmup ? learningRate * (step + 1) / warmup
            : schedule?.Rate(learningRate, step - warmup, wholeRun) ?? learningRate;
        return (float)(rate * factor);
    }
}
