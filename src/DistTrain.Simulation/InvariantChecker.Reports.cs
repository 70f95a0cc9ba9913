using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Simulation;

/// <content>What people are told: in order, once in a run epoch, every sample once.</content>
internal sealed partial class InvariantChecker
{
    private readonly Dictionary<StepNumber, RangeStatistics> steps = [];
    private readonly Dictionary<WeightVersion, PassTotals> passes = [];
    private readonly Dictionary<(WeightVersion Version, string Set), PassTotals> evaluations = [];
    private readonly Dictionary<WeightVersion, SteeringState> decisions = [];
    private readonly Dictionary<StepNumber, float> scales = [];
    private StepNumber? first;
    private StepNumber next;
    private bool collecting;

    private void Check(RunEvent runEvent)
    {
        switch (runEvent)
        {
            case RunStarted started:
                next = started.Version.Step;
                collecting = false;
                first = first < next ? first : next;
                break;
            case RunTakenOver taken:
                next = taken.Committed;
                collecting = true;
                break;
            case StepCommitted step:
                Require(step.Step == next, $"{step.Step} committed instead of {next}");
                Require(step.Samples == plan.RowsOf(step.Step), $"{step.Step} committed {step.Samples} samples instead of {plan.RowsOf(step.Step)}");
                CheckApplied(step.Step);
                next = next.Next;
                Same(steps, step.Step, step.Statistics);
                break;
            case PassCompleted pass:
                Same(passes, pass.Version, pass.Totals);
                Require(plan.EndsPass(pass.Version) && pass.Version == next.Before, $"a pass completed at {pass.Version}");
                long samples = SamplesUpTo(pass.Version) - SamplesUpTo(new WeightVersion((long)plan.PassOf(new StepNumber(pass.Version.Value - 1)) * plan.StepsPerPass));
                Require(pass.Totals.Samples == samples, $"pass {pass.Totals.Pass} has {pass.Totals.Samples} samples instead of {samples}");
                break;
            case EvaluationCompleted evaluation:
                Same(evaluations, (evaluation.Version, evaluation.Set), evaluation.Totals);
                Require(evaluation.Version == next.Before, $"{evaluation.Version} measured when {next} is next");
                int all = plan.Evaluations.Single(set => set.Name == evaluation.Set).Samples;
                Require(evaluation.Totals.Samples == all, $"{evaluation.Set} measured on {evaluation.Totals.Samples} samples of {all}");
                break;
            case RunSteered steered:
                Same(decisions, steered.Version, steered.State);
                break;
            case RunCompleted completed:
                Require(completed.Version == next.Before, $"the run completed with {completed.Version} when {next} is next");
                long committed = SamplesUpTo(completed.Version) - SamplesUpTo((first ?? next).Before);
                Require(completed.CommittedSamples == committed, $"the run committed {completed.CommittedSamples} samples instead of {committed}");
                CheckReported((first ?? next).Before, completed.Version);
                break;
        }
    }

    /// <summary>Nothing that was due was left out.</summary>
    private void CheckReported(WeightVersion from, WeightVersion to)
    {
        for (WeightVersion version = from.Next; version <= to; version = version.Next)
        {
            Require(!plan.EndsPass(version) || passes.ContainsKey(version), $"nobody was told of the pass that ended at {version}");
            foreach (int set in plan.EvaluationsAt(version))
            {
                Require(evaluations.ContainsKey((version, plan.Evaluations[set].Name)), $"{plan.Evaluations[set].Name} was not measured at {version}");
            }
        }
    }

    /// <summary>Committed means: every block was updated, in the run epoch that reports it; between run epochs, in some.</summary>
    private void CheckApplied(StepNumber step)
    {
        foreach (long version in collecting ? reached : newest[EpochOf(MachineId.Coordinator)])
        {
            Require(version >= step.After.Value, $"{step} committed while a block has version {version}");
        }
    }

    private long SamplesUpTo(WeightVersion version) =>
        (version.Value / plan.StepsPerPass * plan.Samples) + (version.Value % plan.StepsPerPass * plan.Batch);

    private long SamplesOfPassAt(WeightVersion version) => version.Value % plan.StepsPerPass * plan.Batch;
}
