namespace DistTrain.Tensors;

/// <summary>
/// How measurements of the weights steer a run. The coordinator and the single-threaded trainer call the same object, on the same
/// doubles, at the same versions; only comparisons and one product are made here, so nothing can round differently.
/// </summary>
/// <param name="Plateau">Null: the learning rate follows the schedule alone.</param>
/// <param name="Stopping">Null: the run ends where its length says.</param>
public sealed record SteeringRules(PlateauRule? Plateau, StoppingRule? Stopping)
{
    /// <summary>What is measured beside the loss and its own metric, in the order of the means.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = [];

    /// <summary>The run ends at the version whose measured loss is at most this; null: never so.</summary>
    public double? LossToReach { get; init; }

    /// <summary>What an evaluation's sums say: loss and its metric by the weight sum, then the metrics.</summary>
    public IReadOnlyList<double> Means(IReadOnlyList<double> sums, double weightSum)
    {
        ArgumentNullException.ThrowIfNull(sums);
        return [sums[0] / weightSum, .. sums.Skip(1).Take(1).Select(sum => sum / weightSum), .. Metrics.Select(metric => metric.Value(sums, weightSum))];
    }

    /// <summary>The state after a measurement; one that is not a number is never better.</summary>
    /// <param name="state">Before it.</param>
    /// <param name="version">Of the weights that were measured.</param>
    /// <param name="means">What was measured.</param>
    public SteeringState After(SteeringState state, long version, IReadOnlyList<double> means)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(means);
        if (Plateau is { } plateau)
        {
            state = After(plateau, state, means[plateau.Monitor.Mean]);
        }

        state = Stopping is { } stopping ? After(stopping, state, version, means[stopping.Monitor.Mean]) : state;
        return means[0] <= LossToReach ? state with { Stopped = true } : state;
    }

    private static SteeringState After(PlateauRule rule, SteeringState state, double measured)
    {
        int cooldown = Math.Max(0, state.PlateauCooldown - 1);
        if (IsBetter(rule.Monitor, measured, state.PlateauBest, rule.MinDelta))
        {
            return state with { PlateauBest = measured, PlateauWait = 0, PlateauCooldown = cooldown };
        }

        if (state.PlateauCooldown > 0 && cooldown > 0)
        {
            return state with { PlateauWait = 0, PlateauCooldown = cooldown };
        }

        // Keras: the measurement that ends the cooldown counts.
        int wait = (state.PlateauCooldown > 0 ? 0 : state.PlateauWait) + 1;
        return wait < rule.Patience || state.RateFactor <= rule.FactorMin
            ? state with { PlateauWait = wait, PlateauCooldown = cooldown }
            : state with { RateFactor = Math.Max(state.RateFactor * rule.Factor, rule.FactorMin), PlateauWait = 0, PlateauCooldown = rule.Cooldown };
    }

    private static SteeringState After(StoppingRule rule, SteeringState state, long version, double measured)
    {
        if (IsBetter(rule.Monitor, measured, state.Best, rule.MinDelta))
        {
            return state with { Best = measured, BestVersion = version, Wait = 0 };
        }

        int wait = state.Wait + 1;
        return state with { Wait = wait, Stopped = wait >= rule.Patience };
    }

    private static bool IsBetter(MonitoredMean monitor, double measured, double? best, double minDelta) =>
        !double.IsNaN(measured) && (best is not { } known || (monitor.Maximize ? measured > known + minDelta : measured < known - minDelta));
}
