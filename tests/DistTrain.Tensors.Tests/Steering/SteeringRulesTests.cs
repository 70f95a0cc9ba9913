namespace DistTrain.Tensors.Tests;

public class SteeringRulesTests
{
    private static readonly MonitoredMean Loss = new(0, Maximize: false);
    private static readonly MonitoredMean Accuracy = new(1, Maximize: true);

    [Fact]
    public void A_plateau_reduces_after_patience_and_not_within_the_cooldown()
    {
        // Keras' ReduceLROnPlateau by hand: best 1.0; two worse -> 0.5; one measurement cools down, two more -> 0.25.
        var rules = new SteeringRules(new PlateauRule(Loss, 0.5, Patience: 2, MinDelta: 0.1, Cooldown: 2, FactorMin: 0.2), null);
        Assert.Equal(
            [1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2],
            Walk(rules, [1.0, 0.95, 1.2, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1]).Select(state => state.RateFactor));
    }

    [Fact]
    public void A_better_measurement_starts_the_wait_anew()
    {
        var rules = new SteeringRules(new PlateauRule(Loss, 0.5, Patience: 2, MinDelta: 0.1, Cooldown: 0, FactorMin: 0), null);
        Assert.Equal([1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25], Walk(rules, [1.0, 1.0, 0.8, 0.8, 0.8, 0.8, 0.8]).Select(state => state.RateFactor));
    }

    [Fact]
    public void The_run_stops_after_patience_and_knows_its_best_version()
    {
        var rules = new SteeringRules(null, new StoppingRule(Loss, Patience: 2, MinDelta: 0, RestoreBest: true));
        SteeringState[] states = Walk(rules, [3, 2, 2.5, 1, 1, 1.5]);
        Assert.Equal([false, false, false, false, false, true], states.Select(state => state.Stopped));
        Assert.Equal([10L, 20, 20, 40, 40, 40], states.Select(state => state.BestVersion));
        Assert.Equal(1, states[^1].Best);
    }

    [Fact]
    public void Accuracy_is_better_when_it_is_larger_by_more_than_the_delta()
    {
        var rules = new SteeringRules(null, new StoppingRule(Accuracy, Patience: 9, MinDelta: 0.1, RestoreBest: false));
        SteeringState state = SteeringState.Initial;
        foreach ((long version, double accuracy) in new[] { (1L, 0.5), (2, 0.55), (3, 0.7), (4, 0.2) })
        {
            state = rules.After(state, version, [0, accuracy]);
        }

        Assert.Equal((3, 0.7, 1), (state.BestVersion, state.Best!.Value, state.Wait));
    }

    [Fact]
    public void What_is_not_a_number_is_never_better()
    {
        var rules = new SteeringRules(new PlateauRule(Loss, 0.5, 1, 0, 0, 0), new StoppingRule(Loss, 2, 0, RestoreBest: true));
        SteeringState state = Walk(rules, [double.NaN, double.NaN])[^1];
        Assert.True(state.Stopped);
        Assert.Equal((-1, 0.25), (state.BestVersion, state.RateFactor));
        Assert.Null(state.Best);
    }

    private static SteeringState[] Walk(SteeringRules rules, double[] losses)
    {
        var states = new List<SteeringState>();
        foreach (double loss in losses)
        {
            states.Add(rules.After(states.LastOrDefault() ?? SteeringState.Initial, 10 * (states.Count + 1), [loss, 0]));
        }

        return [.. states];
    }
}
