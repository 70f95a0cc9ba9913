namespace DistTrain.Training;

/// <summary>rate</summary>
[JobChoice("constant", "The optimizer's learning rate at every step.")]
public sealed record ConstantJob : ScheduleJob
{
    internal override double Rate(double learningRate, long step, long wholeRun) => learningRate;
}
