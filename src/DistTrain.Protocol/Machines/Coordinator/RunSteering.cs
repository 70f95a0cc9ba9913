using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>
/// What the measurements of a run have decided. Changes only when an evaluation round completes, while the limit stands at its
/// version; so it is the same for every server, and for every step between two evaluations.
/// </summary>
internal sealed class RunSteering(SteeringPlan? plan)
{
    private SteeringState before = SteeringState.Initial;

    /// <summary>The newest measured version; one before the first version when nothing was measured since.</summary>
    private WeightVersion measured = new(-1);

    /// <summary>As a successor needs it; null when nothing is monitored.</summary>
    public SteeringProgress? Progress => plan is null ? null : new SteeringProgress(measured, before, State);

    /// <summary>In force for steps from the newest measured version on.</summary>
    public SteeringState State { get; private set; } = SteeringState.Initial;

    /// <summary>The version whose weights the run ends with when it ends now.</summary>
    public WeightVersion? Best => plan is { RestoresBest: true } && State.BestVersion >= 0 ? new WeightVersion(State.BestVersion) : null;

    /// <summary>Begins a run epoch at a version, with the state before that version was measured.</summary>
    public void Begin(WeightVersion version, SteeringState state)
    {
        State = before = state;
        measured = new WeightVersion(version.Value - 1);
    }

    /// <summary>What the coordinator before this one knew.</summary>
    public void Restore(SteeringProgress progress) => (measured, before, State) = (progress.Measured, progress.Before, progress.After);

    /// <summary>Whether everything that was measured before a version is known.</summary>
    public bool Knows(WeightVersion version, RunPlan run) => plan is null || version <= run.NextEvaluation(measured.Next);

    /// <summary>
    /// What a checkpoint of a version keeps: the state before it was measured. Whoever goes on from there measures it again, with
    /// the same numbers.
    /// </summary>
    public SteeringState At(WeightVersion version) => version <= measured ? before : State;

    /// <summary>A round is complete; returns the event of it, or null when nothing is monitored.</summary>
    public RunSteered? Take(WeightVersion version, IReadOnlyList<EvaluationCompleted> results, string? set)
    {
        if (plan is null || results.FirstOrDefault(result => result.Set == set) is not { } result)
        {
            return null;
        }

        before = State;
        measured = version;
        State = plan.Rules.After(before, version.Value, plan.Rules.Means(result.Totals.Sums, result.Totals.WeightSum));
        return new RunSteered(version, State);
    }
}
