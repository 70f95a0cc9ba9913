using DistTrain.Tensors;

namespace DistTrain.Protocol.Tests;

/// <summary>One message of every kind at least, with fields that are easily lost; the cluster's serializer is tested with them too.</summary>
internal static class MessageExamples
{
    public static List<Message> All(BlockPool pool)
    {
        var epoch = new RunEpoch(3);
        var statistics = new RangeStatistics(3.5f, [float.NaN, 1e-40f]);
        var progress = new RunProgress(new StepNumber(8), new PassTotals(1, 53, 53.5, [double.Epsilon, double.NaN]), 106, 7, Stopping: true, new SteeringProgress(
            new WeightVersion(-1), SteeringState.Initial, new SteeringState { RateFactor = 0.5, Best = double.NaN, BestVersion = 4, Wait = 2, Stopped = true }))
        {
            Epoch = epoch,
            AuditedRanges = 40,
            Wrong = [3],
        };
        return
        [
            new Refused(epoch, RefusalReason.StaleEpoch, "stale"),
            new JoinRun(default, RunIdentity.Of("job", "data")),
            new DirectWorker(
                epoch, 1L << 40, [0, 70000, 2], new StepNumber(1), new StepNumber(200),
                [new AssignmentPeriod(new StepNumber(1L << 40), [new SliceRange(0, 2), new SliceRange(4, 1)])], [new EvaluationBatch(1, 300)], Ended: true)
            {
                Audits = [new AuditedRange(new StepNumber(9), new SliceRange(4, 4), IsMine: true), new AuditedRange(new StepNumber(9), new SliceRange(0, 1), IsMine: false)],
            },
            new DirectServer(
                epoch, 2, [.. Enumerable.Range(0, 20)], [1, 0], new WeightVersion(7), [new BlockCopy(new BlockId(3), new WeightVersion(8), 2)],
                Settled: true, progress, [new WeightVersion(9)], [4, 5], new StepNumber(12), 0.1, Ended: false)
            {
                Unaudited = new StepNumber(11),
            },
            new WorkerReported(epoch, 2, new StepNumber(3), new WorkDone(12, 345), [new EvaluationResult(new WeightVersion(3), new EvaluationBatch(0, 1), statistics)]),
            new ServerReported(
                epoch, 9, new WeightVersion(-1), [new StepStatistics(new StepNumber(5), statistics)], 77,
                [new ShardOutcome(new WeightVersion(4), "Datei ä", null), new ShardOutcome(new WeightVersion(6), null, "full")],
                new StepFailure(new StepNumber(5), new BlockId(2), new SliceRange(4, 4), "dense/kernel", "text"))
            {
                Number = 12,
                Findings = [new AuditFinding(new StepNumber(5), new BlockId(2), new SliceRange(4, 4), [3, 70000], IsDecided: true)],
            },
            new PushRows(epoch, new StepNumber(5), new BlockId(2), new SliceRange(4, 4), statistics, 70, pool.RentCopy([1, -0f, float.NaN, float.MaxValue]), IsAudited: true),
            new PushGradient(epoch, new StepNumber(5), new BlockId(2), new SliceRange(4, 4), statistics, pool.RentCopy([1, -0f, float.NaN, float.MaxValue]), IsAudited: true),
            new PullBlocks(epoch, 77, new WeightVersion(6), [new BlockId(0), new BlockId(40000)]),
            new GradientAccepted(epoch, new StepNumber(5), new BlockId(2), new SliceRange(1023, 1), new WeightVersion(6)),
            new GradientMeasured(epoch, new StepNumber(5), [new BlockNorm(new BlockId(2), 1e-300), new BlockNorm(new BlockId(40000), double.MaxValue)]),
            new GradientScaled(epoch, new StepNumber(5), 0.25f),
            new BlockPublished(epoch, new BlockId(2), new WeightVersion(6), pool.RentCopy([2, 3])),
            new CollectBlocks(epoch),
            new BlocksCollected(
                epoch, [new HeldBlock(new BlockId(1), new WeightVersion(7), HasPrevious: true, LastScale: 0.5f, Hash: long.MaxValue)], progress,
                [new StepStatistics(new StepNumber(5), statistics)], [0, 3]),
            new BlocksCollected(epoch, [], Progress: null, [], []),
            new ForwardSum(epoch, new StepNumber(5), new BlockId(2), new UpdateScale(0.5, 0.25f), statistics, pool.RentCopy([2, 3])),
            new SumTaken(epoch, new StepNumber(5), new BlockId(2)),
            new FetchBlocks(epoch, [new BlockId(2), new BlockId(300)]),
            new BlockMoved(epoch, new BlockId(2), new WeightVersion(6), HasPrevious: true, LastScale: 1, pool.RentCopy([2, 3, 4, 5, 6])),
            new LeaveRun(epoch),
            new BlocksUnreadable(epoch, new WeightVersion(6), "shard-0: SHA-256 differs"),
        ];
    }
}
