using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>rate · ((1 - alpha) · ½ (1 + cos(π t)) + alpha), t = min(step / decaySteps, 1): Keras' CosineDecay.</summary>
[JobChoice("cosineDecay", "Half a cosine from the learning rate down to alpha times it.")]
public sealed record CosineDecayJob : ScheduleJob
{
    [JobKey(DecayStepsDoc, Min = 1, Max = 1_000_000_000_000, Automatic = WholeRun)]
    public long? DecaySteps { get; init; }

    [JobKey("What is left in the end, as a share of the learning rate.", Min = 0, Max = 1)]
    public double Alpha { get; init; }

    internal override double Rate(double learningRate, long step, long wholeRun)
    {
        double done = Math.Min((double)step / (DecaySteps ?? wholeRun), 1);
        return learningRate * (((1 - Alpha) * (0.5 * (1 + Mathematics.Cos(Math.PI * done)))) + Alpha);
    }
}
