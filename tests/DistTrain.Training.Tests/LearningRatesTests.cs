namespace DistTrain.Training.Tests;

public class LearningRatesTests
{
    private const double Base = 0.3;
    private const int Steps = 100;

    /// <summary>Keras' and PyTorch's formulas in double precision with the platform's mathematics.</summary>
    public static TheoryData<string, Func<double, double>> Schedules() => new()
    {
        { "constant", _ => Base },
        { "{ stepDecay: { decaySteps: 7, decayRate: 0.5 } }", step => Base * Math.Pow(0.5, Math.Floor(step / 7)) },
        { "{ exponentialDecay: { decaySteps: 10, decayRate: 0.8 } }", step => Base * Math.Pow(0.8, step / 10) },
        { "cosineDecay", step => Base * 0.5 * (1 + Math.Cos(Math.PI * step / Steps)) },
        { "{ cosineDecay: { decaySteps: 40, alpha: 0.1 } }", step => Base * ((0.9 * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(step / 40, 1)))) + 0.1) },
        { "polynomialDecay", step => Base * (1 - (step / Steps)) },
        { "{ polynomialDecay: { decaySteps: 60, endLearningRate: 0.01, power: 2.5 } }", step => ((Base - 0.01) * Math.Pow(1 - Math.Min(step / 60, 1), 2.5)) + 0.01 },
    };

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Every_step_agrees_with_a_double_transcription(string yaml, Func<double, double> expected)
    {
        TrainJob train = Train($"schedule: {yaml}");
        var rates = new LearningRates(train, Steps);
        Assert.Equal(yaml != "constant", rates.Changes);
        for (int step = 0; step <= Steps; step++)
        {
            // One rounding to float, and a few ulp of double before it.
            Assert.Equal(expected(step), rates.At(step), (Math.Abs(expected(step)) * 6e-8) + 1e-16);
        }
    }

    [Fact]
    public void A_warm_up_rises_in_a_line_and_the_schedule_begins_behind_it()
    {
        var rates = new LearningRates(Train("warmupSteps: 20, schedule: cosineDecay"), Steps);
        var alone = new LearningRates(Train("schedule: cosineDecay"), Steps - 20);
        for (int step = 0; step < 20; step++)
        {
            Assert.Equal((float)(Base * (step + 1) / 20), rates.At(step));
        }

        for (int step = 20; step < Steps; step++)
        {
            Assert.Equal(alone.At(step - 20), rates.At(step));
        }
    }

    [Fact]
    public void A_plateaus_factor_multiplies_before_the_one_rounding()
    {
        var rates = new LearningRates(Train("schedule: { polynomialDecay: 50 }"), Steps);
        Assert.Equal((float)(Base * (1 - (7.0 / 50)) * 0.1), rates.At(7, 0.1));
        Assert.Equal((float)Base, new LearningRates(Train("epochs: 2"), Steps).At(99));
    }

    private static TrainJob Train(string keys) => JobFile.Parse($"train: {{ optimizer: {{ sgd: {Base} }}, {keys} }}").Train;
}
