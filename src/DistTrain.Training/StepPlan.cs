namespace DistTrain.Training;

/// <summary>Which samples which step takes, and when a pass is over: everything about a run's length that decides bits.</summary>
public sealed class StepPlan
{
    /// <param name="samples">Training samples, at least 1.</param>
    /// <param name="batch">Samples a step, at least 1.</param>
    /// <param name="epochs">Walks over the samples, at least 1.</param>
    /// <param name="stepsMax">Ends the run within a pass; null: it ends with the last pass.</param>
    public StepPlan(int samples, int batch, int epochs, long? stepsMax = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        Samples = samples;
        Batch = batch;
        StepsPerPass = (int)(((long)samples + batch - 1) / batch);
        TotalSteps = Math.Min((long)StepsPerPass * epochs, stepsMax ?? long.MaxValue);
    }

    public int Samples { get; }

    public int Batch { get; }

    /// <summary>⌈samples / batch⌉: the short last batch is kept.</summary>
    public int StepsPerPass { get; }

    /// <summary>Steps of the run; also the version of its final weights.</summary>
    public long TotalSteps { get; }

    /// <summary>Samples that all steps together take.</summary>
    public long TotalSamples => (TotalSteps / StepsPerPass * Samples) + Math.Min((long)(TotalSteps % StepsPerPass) * Batch, Samples);

    /// <summary>Walks over the samples before this step.</summary>
    public int Pass(long step) => (int)(step / StepsPerPass);

    public int StepInPass(long step) => (int)(step % StepsPerPass);

    /// <summary>Samples of this step: the batch, or what is left for a pass's last step.</summary>
    public int Rows(long step) => (int)Math.Min(Batch, Samples - ((long)StepInPass(step) * Batch));

    /// <summary>After this step, the weights (version step + 1) are evaluated: it ends a pass or the run.</summary>
    public bool EvaluatesAfter(long step) => StepInPass(step) == StepsPerPass - 1 || step == TotalSteps - 1;
}
