namespace DistTrain.Training;

/// <summary>The learning rate as a pure function of the step, so that everyone knows it from the job. Names and forms are Keras'.</summary>
[JobChoices(typeof(ConstantJob), typeof(StepDecayJob), typeof(ExponentialDecayJob), typeof(CosineDecayJob), typeof(PolynomialDecayJob))]
public abstract record ScheduleJob
{
    private protected const string DecayStepsDoc = "Steps of the decay, counted after the warm-up.";
    private protected const string WholeRun = "the run's steps after the warm-up";

    /// <summary>Rate of a step.</summary>
    /// <param name="learningRate">The optimizer's.</param>
    /// <param name="step">From 0, counted after the warm-up.</param>
    /// <param name="wholeRun">Steps of the run after the warm-up, at least 1.</param>
    internal abstract double Rate(double learningRate, long step, long wholeRun);
}
