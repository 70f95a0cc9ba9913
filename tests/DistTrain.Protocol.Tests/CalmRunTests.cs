namespace DistTrain.Protocol.Tests;

/// <summary>All machines together when nothing goes wrong, and in the few stories told step by step; faults at random are the simulator's.</summary>
public class CalmRunTests
{
    private static readonly RunPlan Plan = new()
    {
        Samples = 53,
        Batch = 16,
        Slices = 8,
        Passes = 3,
        Evaluations = [new EvaluationSet("validation", 13, 5, EvaluationTiming.EveryPass), new EvaluationSet("test", 7, 4, EvaluationTiming.AtEnd)],
    };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    [InlineData(8, 2)]
    [InlineData(11, 4)]
    public void Final_weights_and_totals_are_the_oracles_for_any_number_of_machines(int workers, int servers)
    {
        LinearJob job = Job(Plan);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = workers, Servers = servers });
        cluster.Run();

        (float[] weights, List<PassTotals> passes) = job.Oracle(Plan.End.Value);
        Assert.Equal(weights, cluster.WeightsAt(Plan.End));
        Assert.Equal(passes, cluster.Events.OfType<PassCompleted>().Select(pass => pass.Totals));
        RunCompleted completed = Assert.Single(cluster.Events.OfType<RunCompleted>());
        Assert.Equal(new RunCompleted(Plan.End, Stopped: false, 3 * 53, DroppedSamples: 0, Result: Plan.End), completed);
        Assert.Equal(1 + workers + servers, cluster.Left.Count);
        cluster.Drain();
        Assert.Equal(0, cluster.Pool.BuffersRented);
    }

    [Fact]
    public void A_batch_smaller_than_the_slices_leaves_absent_slices_out()
    {
        RunPlan plan = Plan with { Samples = 11, Batch = 4, Slices = 16, Evaluations = [] };
        LinearJob job = Job(plan);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = 5, Servers = 2 });
        cluster.Run();

        Assert.Equal(job.Oracle(plan.End.Value).Weights, cluster.WeightsAt(plan.End));
    }

    [Fact]
    public void Evaluation_stands_on_the_exact_version_and_adds_batches_in_order()
    {
        LinearJob job = Job(Plan);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = 3, Servers = 2 });
        cluster.Run();

        var expected = new List<EvaluationCompleted>();
        for (int pass = 0; pass < Plan.Passes; pass++)
        {
            var version = new WeightVersion((pass + 1) * Plan.StepsPerPass);
            float[] weights = job.Oracle(version.Value).Weights;
            foreach (int set in Plan.EvaluationsAt(version))
            {
                PassTotals totals = PassTotals.Empty(pass);
                for (int batch = 0; batch < Plan.Evaluations[set].Batches; batch++)
                {
                    totals = totals.With(Plan.Evaluations[set].RowsOf(batch), job.Evaluate(new EvaluationBatch(set, batch), weights));
                }

                expected.Add(new EvaluationCompleted(version, Plan.Evaluations[set].Name, totals));
            }
        }

        Assert.Equal(4, expected.Count);
        Assert.Equal(expected, cluster.Events.OfType<EvaluationCompleted>());
    }

    [Theory]
    [InlineData(2, 1, 3, 2)]
    [InlineData(5, 2, 1, 4)]
    public void A_stopped_run_resumes_on_other_counts_to_the_same_bits(int workers, int servers, int laterWorkers, int laterServers)
    {
        LinearJob job = Job(Plan);
        var first = new DirectCluster(job, new ProtocolOptions { Workers = workers, Servers = servers, LeashSteps = 2 });
        first.Run(() => first.Events.OfType<StepCommitted>().Count() == 5);
        first.Tell(MachineId.Coordinator, new StopRequested());
        first.Run();
        RunCompleted stopped = Assert.Single(first.Events.OfType<RunCompleted>());
        Assert.True(stopped.Stopped);
        Assert.InRange(stopped.Version.Value, 5, Plan.End.Value - 1);

        CommitManifest manifest = first.Manifests[stopped.Version];
        var second = new DirectCluster(
            job, new ProtocolOptions { Workers = laterWorkers, Servers = laterServers }, new RunStart(manifest.Version, manifest.Totals, manifest.Steering))
        {
            Store = first.Store,
        };
        second.Run();

        (float[] weights, List<PassTotals> passes) = job.Oracle(Plan.End.Value);
        Assert.Equal(weights, second.WeightsAt(Plan.End));
        Assert.Equal(passes, first.Events.Concat(second.Events).OfType<PassCompleted>().Select(pass => pass.Totals));
    }

    [Fact]
    public void Checkpoints_hold_exactly_their_version_while_training_goes_on()
    {
        LinearJob job = Job(Plan);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = 3, Servers = 2, CheckpointEverySteps = 3 });
        cluster.Run();

        Assert.Equal([3L, 6, 9, 12], cluster.Events.OfType<CheckpointCommitted>().Select(committed => committed.Version.Value));
        Assert.All(cluster.Manifests.Keys, version => Assert.Equal(job.Oracle(version.Value).Weights, cluster.WeightsAt(version)));
    }

    [Fact]
    public void A_lost_workers_ranges_are_computed_by_the_others()
    {
        LinearJob job = Job(Plan);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = 4, Servers = 2 });
        cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() == 4);
        cluster.Kill(MachineId.Worker(1));
        cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() == 6);
        cluster.Kill(MachineId.Worker(3));
        cluster.AddWorker(9);
        cluster.Run();

        Assert.Equal(job.Oracle(Plan.End.Value).Weights, cluster.WeightsAt(Plan.End));
        Assert.Equal(3 * 53, cluster.Events.OfType<RunCompleted>().Single().CommittedSamples);
    }

    [Fact]
    public void A_lost_server_sends_the_run_back_to_the_last_checkpoint()
    {
        LinearJob job = Job(Plan);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = 3, Servers = 3, CheckpointEverySteps = 4 });
        cluster.Run(() => cluster.Events.OfType<StepCommitted>().Count() == 6);
        cluster.Kill(MachineId.Server(1));
        cluster.Run();

        Assert.Equal(job.Oracle(Plan.End.Value).Weights, cluster.WeightsAt(Plan.End));
        Assert.Equal([0L, 4], cluster.Events.OfType<RunStarted>().Select(started => started.Version.Value));
        RunCompleted completed = cluster.Events.OfType<RunCompleted>().Single();
        Assert.Equal(3 * 53, completed.CommittedSamples);
        Assert.True(completed.DroppedSamples >= 2 * 16, $"only {completed.DroppedSamples} samples counted as computed again");
    }

    [Fact]
    public void Whoever_trains_another_job_is_refused_with_the_difference()
    {
        LinearJob job = Job(Plan);
        var worker = new WorkerMachine(MachineId.Worker(7), job.Run, job.Blocks, new ProtocolOptions(), RunIdentity.Of("other", "data"));
        var coordinator = new CoordinatorMachine(job.Run, job.Blocks, new ProtocolOptions(), DirectCluster.Identity, RunStart.New);
        var outbox = new Outbox();
        coordinator.Step(new MessageArrived(worker.Id, new JoinRun(default, RunIdentity.Of("other", "data"))), outbox);

        var refused = (Refused)Assert.IsType<Send>(Assert.Single(outbox.Effects)).Message;
        Assert.Equal(RefusalReason.OtherRun, refused.Reason);
        Assert.Contains("job other, not job", refused.Text, StringComparison.Ordinal);
        outbox.Clear();
        worker.Step(new MessageArrived(MachineId.Coordinator, refused), outbox);
        Assert.True(worker.HasEnded);
    }

    [Fact]
    public void Finite_parts_that_overflow_together_fail_the_run_too()
    {
        LinearJob job = Job(Plan);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = 2, Servers = 1 });
        cluster.Delivers = (_, message) =>
        {
            if (message is PushGradient { Step.Value: 1, Block.Value: 0 } push)
            {
                push.Gradient.Span[0] = float.MaxValue;
            }

            return true;
        };
        cluster.Run();

        StepFailure failure = Assert.Single(cluster.Events.OfType<RunFailed>()).Failure!;
        Assert.Equal((1, "tensor0", SliceRange.Root(8)), (failure.Step.Value, failure.Tensor, failure.Range));
    }

    [Fact]
    public void A_sum_that_is_not_finite_fails_the_run_and_names_step_tensor_and_slices()
    {
        LinearJob job = Job(Plan);
        var cluster = new DirectCluster(job, new ProtocolOptions { Workers = 2, Servers = 2 });
        cluster.Delivers = (_, message) =>
        {
            if (message is PushGradient { Step.Value: 3, Range.First: 4 } push && job.Blocks.TensorAt(push.Block, 2) == "tensor3")
            {
                push.Gradient.Span[2] = float.NaN;
            }

            return true;
        };
        cluster.Run();

        RunFailed failed = Assert.Single(cluster.Events.OfType<RunFailed>());
        Assert.Equal((3, "tensor3", new SliceRange(4, 4)), (failed.Failure!.Step.Value, failed.Failure.Tensor, failed.Failure.Range));
        Assert.Contains("step 3, tensor3", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("slices 4-7", failed.Reason, StringComparison.Ordinal);
    }

    /// <summary>Blocks of at most 16 floats: 5 + 9, 16 + 1, 12 + 4, 13.</summary>
    private static LinearJob Job(RunPlan plan) => new(plan, 5, 9, 17, 12, 4, 13);
}
