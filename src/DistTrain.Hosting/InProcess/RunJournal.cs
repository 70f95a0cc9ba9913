using System.Diagnostics;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;
using EvaluationResult = DistTrain.Training.EvaluationResult;

namespace DistTrain.Hosting;

/// <summary>Turns what a coordinator reports into the events that people see: means instead of sums, with times.</summary>
/// <remarks>Called by the coordinator's host only, one report at a time.</remarks>
internal sealed class RunJournal
{
    /// <summary>Between two progress events: a screen shows no more.</summary>
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(100);

    private readonly TrainingTask task;
    private readonly CheckpointNotices checkpoints;
    private readonly Action<TrainingEvent> publish;
    private readonly long startStep;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private SteeringState steering;
    private PassTotals pass;
    private PassCompleted? completed;
    private WeightVersion told;
    private int spares;
    private long samples;
    private long samplesAtEpoch;
    private TimeSpan progressAt;
    private TimeSpan epochAt;

    public RunJournal(TrainingTask task, PassTotals startTotals, SteeringState startSteering, long startStep, Func<WeightVersion, string?> checkpointPath, Action<TrainingEvent> publish)
    {
        this.task = task;
        this.startStep = startStep;
        checkpoints = new CheckpointNotices(checkpointPath, task.Job.Run.CheckpointEvery > 0, publish);
        this.publish = publish;
        pass = startTotals;
        steering = startSteering;
    }

    /// <summary>Since the run started.</summary>
    public TimeSpan Elapsed => clock.Elapsed;

    /// <summary>Samples committed by this run.</summary>
    public long Samples => samples;

    /// <summary>The newest evaluation of each set, and the last epoch's training means.</summary>
    public EvaluationResult? Train { get; private set; }

    public EvaluationResult? Validation { get; private set; }

    public EvaluationResult? Test { get; private set; }

    /// <summary>Whether the run ended before its last step because it got no better.</summary>
    public bool StoppedEarly { get; private set; }

    public void Take(RunEvent happened)
    {
        switch (happened)
        {
            case Protocol.RunStarted started:
                Begin(started);
                break;
            case RunTakenOver taken:
                Rewind(taken.Committed.Before, taken.Totals, taken.CommittedSamples);
                break;
            case StepCommitted step:
                Commit(step);
                break;
            case PassCompleted passCompleted:
                completed = passCompleted;
                Train = Mean(passCompleted.Totals);
                if (task.Data.Validation is null)
                {
                    CompleteEpoch();
                }

                break;
            case EvaluationCompleted { Set: TaskPlan.ValidationSet } evaluation:
                Validation = Measured(evaluation.Totals);
                CompleteEpoch();
                break;
            case EvaluationCompleted { Set: TaskPlan.TestSet } evaluation:
                Test = Measured(evaluation.Totals);
                break;
            case RunSteered steered:
                Steer(steered);
                break;
            case CheckpointCommitted or CheckpointFailed or CheckpointSkipped:
                checkpoints.Take(happened);
                break;
            case CheckpointDamaged damaged:
                publish(new RunNotice($"the checkpoint of step {damaged.Version.Value} cannot be read, the one before is used: {damaged.Reason}"));
                break;
            case AuditsPaused:
                publish(new RunNotice("run.audit: a range is computed a second time by another worker, and there is only one; until another one joins nothing is audited"));
                break;
            case WorkerNamed named:
                publish(new RunNotice(
                    $"{named.Worker} computes wrong: its gradient of step {named.Step.Value}, {named.Range}, is not that of two other workers; it is dropped, and its machine should be tested"));
                break;
            case RunCompleted { AuditedRanges: > 0 } completed:
                publish(new RunNotice($"{completed.AuditedRanges} ranges were computed by two workers, with equal gradients"));
                break;
            case MemberGone gone:
                publish(new RunNotice($"{gone.Member} is gone: {gone.Reason}"));
                break;
        }
    }

    private void Begin(Protocol.RunStarted started)
    {
        Rewind(started.Version, started.Totals, started.CommittedSamples);
        if (started.Spares > 0 && started.Spares != spares)
        {
            publish(new RunNotice(
                $"{started.Spares} of {started.Workers} workers are spares: a batch is cut in {task.Slices} slices; a larger train.slices uses more workers, with other bits"));
        }

        spares = started.Spares;
    }

    /// <summary>A run epoch or a successor begins with what is committed: less than was told, when steps are computed again.</summary>
    private void Rewind(WeightVersion version, PassTotals totals, long committedSamples)
    {
        pass = totals;
        samples = committedSamples;
        samplesAtEpoch = Math.Min(samplesAtEpoch, samples);
        if (completed?.Version > version)
        {
            // A pass that ended where the run goes on is measured again, and its end is not reported again.
            completed = null;
        }
    }

    private void Commit(StepCommitted step)
    {
        samples += step.Samples;
        pass = (step.Pass == pass.Pass ? pass : PassTotals.Empty(step.Pass)).With(step.Samples, step.Statistics);
        TimeSpan now = clock.Elapsed;
        if (now - progressAt < ProgressEvery)
        {
            return;
        }

        progressAt = now;
        long done = step.Step.Value + 1;
        double stepsPerSecond = (done - startStep) / now.TotalSeconds;
        publish(new StepProgress
        {
            Step = done,
            Epoch = step.Pass + 1,
            Train = Mean(pass),
            LearningRate = RateOf(step.Step.Value),
            SamplesPerSecond = samples / now.TotalSeconds,
            RemainingSeconds = (task.Steps.TotalSteps - done) / stepsPerSecond,
        });
    }

    private void CompleteEpoch()
    {
        // What is computed or measured again is told once.
        if (completed is null || completed.Version <= told)
        {
            return;
        }

        told = completed.Version;
        TimeSpan now = clock.Elapsed;
        double seconds = (now - epochAt).TotalSeconds;
        publish(new EpochCompleted
        {
            Epoch = completed.Totals.Pass + 1,
            Step = completed.Version.Value,
            Train = Mean(completed.Totals),
            Validation = Validation,
            LearningRate = RateOf(completed.Version.Value - 1),
            Seconds = seconds,
            SamplesPerSecond = (samples - samplesAtEpoch) / seconds,
        });
        epochAt = now;
        samplesAtEpoch = samples;
        completed = null;
    }

    /// <summary>The epoch's end was told before: the factor is that of its steps until then.</summary>
    private void Steer(RunSteered steered)
    {
        if (steered.State.RateFactor < steering.RateFactor)
        {
            publish(new RunNotice($"no better result: the learning rate is now {task.Rates.At(steered.Version.Value, steered.State.RateFactor):R}"));
        }

        if (steered.State.Stopped && !StoppedEarly)
        {
            StoppedEarly = true;
            string best = steered.State.BestVersion < 0 ? "none was a number"
                : $"the best was epoch {task.Steps.Pass(steered.State.BestVersion - 1) + 1}, {steered.State.Best:G6} after step {steered.State.BestVersion}";
            publish(new RunNotice(task.Steering?.Stopping is { } rule && steered.State.Wait >= rule.Patience
                ? $"stopped early: {steered.State.Wait} epochs without a better result; {best}"
                : $"stopped early: train.stop.loss is reached after step {steered.Version.Value}"));
        }

        steering = steered.State;
    }

    private float? RateOf(long step) => task.Rates.Changes ? task.Rates.At(step, steering.RateFactor) : null;

    private EvaluationResult Mean(PassTotals totals) => EvaluationResult.From(TaskPlan.ToTotals(totals), task.Graph.Loss!);

    private EvaluationResult Measured(PassTotals totals) => EvaluationResult.From(totals.Sums, totals.WeightSum, task.Graph.Loss!, task.Metrics);
}
