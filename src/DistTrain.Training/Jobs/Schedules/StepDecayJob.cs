namespace DistTrain.Training;

/// <summary>rate · decayRate^⌊step / decaySteps⌋, the power as a running product (PyTorch's StepLR; Keras' ExponentialDecay with staircase).</summary>
[JobChoice("stepDecay", "Multiplied by decayRate after every decaySteps steps (PyTorch's StepLR).")]
public sealed record StepDecayJob : ScheduleJob
{
    [JobKey("Steps between two decays, counted after the warm-up.", Min = 1, Max = 1_000_000_000_000, Required = true)]
    public long DecaySteps { get; init; } = 1;

    [JobKey("The factor.", Min = 0, AboveMin = true, Max = 1)]
    public double DecayRate { get; init; } = 0.1;

    internal override double Rate(double learningRate, long step, long wholeRun)
    {
        // A rate of 0 stays one: there is nothing left to multiply.
        for (long decay = step / DecaySteps; decay > 0 && learningRate > 0 && DecayRate < 1; decay--)
        {
            learningRate *= DecayRate;
        }

        return learningRate;
    }
}
