using DistTrain.Data;
using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>What the protocol has to know of a task; the same for every host.</summary>
public sealed class TaskPlan
{
    public const string ValidationSet = "validation";
    public const string TestSet = "test";

    /// <summary>Measured where a loss is to be reached and there is no validation part.</summary>
    public const string TrainSet = "train";

    public TaskPlan(TrainingTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        Task = task;
        Blocks = BlockPlan.Create([.. task.Layout.Parameters.Select(parameter => new TensorLength(parameter.Name, parameter.Shape.Length, parameter.Rule))]);
        int batch = task.Job.Train.EvaluationBatch;
        var sets = new List<EvaluationSet>();
        var sources = new List<IDataSource>();
        if (task.Data.Validation is { } validation)
        {
            sets.Add(new EvaluationSet(ValidationSet, validation.Count, batch, EvaluationTiming.EveryPass));
            sources.Add(validation);
        }

        else if (task.Steered is { } train)
        {
            sets.Add(new EvaluationSet(TrainSet, train.Count, batch, EvaluationTiming.EveryPass));
            sources.Add(train);
        }

        if (task.Data.Test is { } test)
        {
            sets.Add(new EvaluationSet(TestSet, test.Count, batch, EvaluationTiming.AtEnd));
            sources.Add(test);
        }

        EvaluationSources = sources;
        Run = new RunPlan
        {
            Samples = task.Steps.Samples,
            Batch = Math.Min(task.Steps.Batch, task.Steps.Samples),
            Slices = task.Slices,
            Passes = task.Job.Train.Epochs,
            StepsMax = task.Job.Train.StepsMax,
            Evaluations = sets,
            ClipNorm = task.Job.Train.ClipNorm,
            Steering = task.Steering is { } rules ? new SteeringPlan(sets.FindIndex(set => set.Name is ValidationSet or TrainSet), rules) : null,
        };
    }

    public TrainingTask Task { get; }

    public RunPlan Run { get; }

    public BlockPlan Blocks { get; }

    /// <summary>As the job's section run says.</summary>
    public ProtocolOptions Options
    {
        get
        {
            RunJob run = Task.Job.Run;
            return new ProtocolOptions
            {
                Servers = run.Servers,
                Workers = run.Workers,
                Replicas = run.Replicas,
                AuditShare = run.Audit,
                AuditSeed = Task.Job.Train.Seed,
                CheckpointEverySteps = run.CheckpointEvery > 0 ? run.CheckpointEvery : Task.Steps.StepsPerPass,
            };
        }
    }

    /// <summary>The same for machines in several processes, where a report takes time from a core on both sides: the quicker the steps, the more of them it tells.</summary>
    public ProtocolOptions OptionsBetweenProcesses => Options with
    {
        LeashTicks = HostClock.LeashTicks,
        ReportsPerLeash = 2,
        NewsTicks = HostClock.NewsTicks,
        LateTicks = HostClock.NewsTicks + 1,
    };

    /// <summary>In the order of the run plan's evaluations.</summary>
    public IReadOnlyList<IDataSource> EvaluationSources { get; }

    /// <summary>Where a run that goes on from a checkpoint begins.</summary>
    public RunStart StartAt(RunPosition checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        int pass = Task.Steps.Pass(checkpoint.Step);
        int inPass = Task.Steps.StepInPass(checkpoint.Step);
        StatisticTotals totals = checkpoint.PassTotals;
        return new RunStart(
            new WeightVersion(checkpoint.Step),
            inPass == 0 ? PassTotals.Empty(pass) : new PassTotals(pass, (long)inPass * Task.Steps.Batch, totals.Weight, [totals.Loss, totals.Metric]),
            checkpoint.Steering);
    }

    /// <summary>Where a successor begins: the newest checkpoint, with the samples that the run has committed until there.</summary>
    /// <param name="first">Where the run began.</param>
    /// <param name="complete">Its checkpoints, newest first: one that can't be read is passed over.</param>
    public RunStart SuccessorAt(RunPosition first, IReadOnlyList<RunPosition> complete)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(complete);
        RunStart? earlier = null;
        foreach (RunPosition position in complete.Reverse())
        {
            RunStart start = StartAt(position);
            long samples = Run.SamplesBefore(start.Version.Step) - Run.SamplesBefore(new StepNumber(first.Step));
            earlier = start with { CommittedSamples = Math.Max(0, samples), Earlier = earlier };
        }

        return earlier ?? throw new ArgumentException("There is not even the checkpoint that the run began with.", nameof(complete));
    }

    /// <summary>Columns of <see cref="Graph.Loss"/>, and an evaluation's metrics, as the protocol carries them: the weight apart, since servers divide by it.</summary>
    public static RangeStatistics ToStatistics(ReadOnlySpan<float> sums) =>
        new(sums[Graph.Loss.WeightColumn], [sums[Graph.Loss.LossColumn], sums[Graph.Loss.MetricColumn], .. sums[Graph.Loss.StatisticCount..]]);

    /// <summary>And back, as totals of many steps.</summary>
    public static StatisticTotals ToTotals(PassTotals totals)
    {
        ArgumentNullException.ThrowIfNull(totals);
        return totals.Sums.Count == 0 ? default : new StatisticTotals(totals.Sums[0], totals.Sums[1], totals.WeightSum);
    }
}
