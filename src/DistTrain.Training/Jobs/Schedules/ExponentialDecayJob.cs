using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>rate · exp(ln(decayRate) · (step / decaySteps)): Keras' ExponentialDecay.</summary>
[JobChoice("exponentialDecay", "Multiplied by decayRate over every decaySteps steps, a little at each.")]
public sealed record ExponentialDecayJob : ScheduleJob
{
    [JobKey(DecayStepsDoc, Min = 1, Max = 1_000_000_000_000, Required = true)]
    public long DecaySteps { get; init; } = 1;

    [JobKey("The factor.", Min = 0, AboveMin = true, Max = 1)]
    public double DecayRate { get; init; } = 0.96;

    internal override double Rate(double learningRate, long step, long wholeRun) =>
        learningRate * Mathematics.Exp(Mathematics.Log(DecayRate) * ((double)step / DecaySteps));
}
