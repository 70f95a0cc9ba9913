using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>(rate - end) (1 - t)^power + end, t = min(step / decaySteps, 1): Keras' PolynomialDecay. The power 1, a straight line, is taken as it is; others as exp(power · ln(1 - t)).</summary>
[JobChoice("polynomialDecay", "Down to endLearningRate by a power of the steps that are left; power 1 is a straight line.")]
public sealed record PolynomialDecayJob : ScheduleJob
{
    [JobKey(DecayStepsDoc, Min = 1, Max = 1_000_000_000_000, Automatic = WholeRun)]
    public long? DecaySteps { get; init; }

    [JobKey("The rate in the end.", Min = 0)]
    public double EndLearningRate { get; init; }

    [JobKey("The exponent.", Min = 0, AboveMin = true)]
    public double Power { get; init; } = 1;

    internal override double Rate(double learningRate, long step, long wholeRun)
    {
        double left = 1 - Math.Min((double)step / (DecaySteps ?? wholeRun), 1);
        double power = Power == 1 || left == 0 ? left : Mathematics.Exp(Power * Mathematics.Log(left));
        return ((learningRate - EndLearningRate) * power) + EndLearningRate;
    }
}
