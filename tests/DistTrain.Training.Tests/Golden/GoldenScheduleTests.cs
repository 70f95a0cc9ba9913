using System.Globalization;
using System.Text.Json;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

/// <summary>Learning rates against PyTorch's schedulers: tests/golden/schedules.py.</summary>
[Trait("Category", "Golden")]
public class GoldenScheduleTests
{
    private static readonly JsonElement Dump = Load();

    public static TheoryData<string> Names => [.. Dump.GetProperty("schedules").EnumerateObject().Select(schedule => schedule.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_step_has_PyTorchs_rate(string name)
    {
        JsonElement golden = Dump.GetProperty("schedules").GetProperty(name);
        double[] expected = Numbers(golden.GetProperty("rates"));
        var rates = new LearningRates(Train(golden.GetProperty("train").GetString()!), expected.Length);
        Assert.Equal(40, expected.Length);
        for (int step = 0; step < expected.Length; step++)
        {
            // PyTorch multiplies rate by rate, in double precision; ours are rounded to float once.
            Assert.Equal(expected[step], rates.At(step), expected[step] * 1e-7 + 1e-12);
        }
    }

    [Fact]
    public void A_plateau_lowers_the_rate_when_PyTorch_does()
    {
        JsonElement golden = Dump.GetProperty("plateau");
        double[] losses = Numbers(golden.GetProperty("losses")), expected = Numbers(golden.GetProperty("rates"));
        TrainJob train = Train("reduceLROnPlateau: { factor: 0.2, patience: 3, minDelta: 0.001, cooldown: 2, minLearningRate: 0.01 }");
        var rules = new SteeringRules(new PlateauRule(new MonitoredMean(0, false), 0.2, 3, 0.001, 2, 0.01 / train.Optimizer.LearningRate), null);
        var rates = new LearningRates(train, 100);
        SteeringState state = SteeringState.Initial;
        for (int epoch = 0; epoch < losses.Length; epoch++)
        {
            state = rules.After(state, epoch, [losses[epoch]]);
            Assert.Equal(expected[epoch], rates.At(epoch, state.RateFactor), expected[epoch] * 1e-7);
        }

        Assert.Equal([0.3, 0.06, 0.012, 0.01], expected.Distinct());
    }

    private static TrainJob Train(string keys) => JobFile.Parse(
        string.Create(CultureInfo.InvariantCulture, $"train: {{ optimizer: {{ sgd: {Dump.GetProperty("learning_rate").GetDouble()} }}, {keys} }}")).Train;

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetDouble())];

    private static JsonElement Load() => JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "schedules.json"))).RootElement;
}
