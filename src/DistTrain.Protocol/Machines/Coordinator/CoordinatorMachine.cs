namespace DistTrain.Protocol;

/// <summary>
/// Keeps the run together: who is in it, who computes which ranges, how far steps may go, when weights are measured and stored.
/// It is not on the way of a step: workers and servers go on alone up to the limit, which is moved ahead of them.
/// </summary>
/// <remarks>
/// Orders are states, not changes: any machine that missed some is right again with the next one, and repetition is harmless.
/// States: gathering -> running (-> gathering, when a server is lost) -> ended. See README.md.
/// </remarks>
public sealed partial class CoordinatorMachine : IMachine
{
    private readonly RunPlan plan;
    private readonly BlockPlan blocks;
    private readonly ProtocolOptions options;
    private readonly RunIdentity identity;
    private readonly RunStart start;
    private readonly SortedDictionary<MachineId, Member> members = [];
    private readonly SortedSet<MachineId> gone = [];
    private readonly RangeSchedule ranges;
    private readonly CheckpointLedger checkpoints = new();
    private readonly CommitLog log;
    private readonly RunSteering steering;
    private readonly ClippingBarrier? clipping;
    private EvaluationRound? round;
    private BlockPlacement placement = new([]);
    private RunPhase phase;
    private RunEpoch epoch;
    private long order;
    private WeightVersion epochStart;
    private WeightVersion limit;
    private WeightVersion final;
    private WeightVersion evaluated;
    private bool stopping;

    // By something that Extend does not look at.
    private bool ordersChanged;
    private bool finalStored;
    private long droppedSamples;
    private long tick;
    private long progressTick;

    /// <param name="run">The same on every machine.</param>
    /// <param name="blocks">The same on every machine.</param>
    /// <param name="options">Validated.</param>
    /// <param name="identity">What others must agree on to join.</param>
    /// <param name="start">Where to begin.</param>
    public CoordinatorMachine(RunPlan run, BlockPlan blocks, ProtocolOptions options, RunIdentity identity, RunStart start)
    {
        plan = run.Validated();
        this.blocks = blocks;
        this.options = options.Validated();
        this.identity = identity;
        this.start = start;
        ranges = new RangeSchedule(plan.Slices);
        log = new CommitLog(plan);
        log.Begin(start.Version, start.Totals);
        steering = new RunSteering(plan.Steering);
        clipping = plan.ClipNorm is { } clipNorm ? new ClippingBarrier(clipNorm, blocks.Blocks.Count) : null;
        final = plan.End;
        limit = start.Version;
    }

    public MachineId Id => MachineId.Coordinator;

    public bool HasEnded { get; private set; }

    /// <summary>A snapshot for people.</summary>
    public RunStatus Status => new(
        phase,
        epoch,
        log.First.Before,
        limit,
        final,
        log.Totals,
        [.. members.Select(pair => new MemberStatus(
            pair.Key,
            pair.Key.Role == MachineRole.Worker ? pair.Value.Accepted.Value : pair.Value.Applied.Value,
            ranges.At(pair.Key, limit.Step),
            tick - pair.Value.HeardTick))]);

    private List<MachineId> Workers => [.. members.Keys.Where(member => member.Role == MachineRole.Worker)];

    private List<MachineId> Servers => [.. members.Keys.Where(member => member.Role == MachineRole.Server)];

    /// <inheritdoc/>
    public void Step(Input input, Outbox outbox)
    {
        if (HasEnded)
        {
            return;
        }

        switch (input)
        {
            case MachineStarted started:
                tick = started.Tick;
                break;
            case Ticked ticked:
                tick = ticked.Tick;
                Watch(outbox);
                break;
            case MessageArrived arrived:
                Receive(arrived.From, arrived.Message, outbox);
                break;
            case MemberLost lost:
                Lose(lost.Member, lost.Reason, outbox);
                break;
            case StopRequested:
                Stop(outbox);
                break;
            case ManifestCommitted committed when committed.Epoch == epoch:
                Settle(committed.Version, failure: null, outbox);
                break;
            case ManifestFailed failed when failed.Epoch == epoch:
                Settle(failed.Version, failed.Reason, outbox);
                break;
        }

        LeaveWhenEveryoneKnows(outbox);
    }

    private void Receive(MachineId from, Message message, Outbox outbox)
    {
        if (gone.Contains(from))
        {
            outbox.Send(from, new Refused(epoch, RefusalReason.TakenForLost, $"{from} was taken for lost; join again under a new number"));
            return;
        }

        if (members.TryGetValue(from, out Member? member))
        {
            member.HeardTick = tick;
        }

        switch (message)
        {
            case JoinRun join:
                Join(from, member, join, outbox);
                break;
            case WorkerReported report when member is not null && report.Epoch == epoch:
                Hear(member, report, outbox);
                break;
            case ServerReported report when member is not null && report.Epoch == epoch:
                Hear(from, member, report, outbox);
                break;
            case GradientMeasured measured when member is not null && measured.Epoch == epoch && phase == RunPhase.Running:
                clipping?.Take(from, measured, placement.Servers(), outbox);
                break;
        }
    }

    private void Hear(Member worker, WorkerReported report, Outbox outbox)
    {
        worker.OrderSeen = Math.Max(worker.OrderSeen, report.OrderSeen);
        worker.Accepted = report.Accepted > worker.Accepted ? report.Accepted : worker.Accepted;
        if (round is not null)
        {
            foreach (EvaluationResult result in report.Results)
            {
                if (round.Take(result))
                {
                    progressTick = tick;
                }
            }

            Proceed(outbox);
        }
    }

    private void Hear(MachineId server, Member member, ServerReported report, Outbox outbox)
    {
        member.OrderSeen = Math.Max(member.OrderSeen, report.OrderSeen);
        member.Applied = report.Applied > member.Applied ? report.Applied : member.Applied;
        if (phase != RunPhase.Running)
        {
            return;
        }

        if (report.Failure is { } failure)
        {
            Fail(failure.Text, failure, outbox);
            return;
        }

        if (server == placement.OwnerOf(new BlockId(0)))
        {
            log.Take(report.Statistics);
            member.DroppedSamples = Math.Max(member.DroppedSamples, report.DroppedSamples);
        }

        foreach (ShardOutcome outcome in report.Shards)
        {
            if (checkpoints.Take(server, outcome, report.OrderSeen) is { } reason)
            {
                Settled(outcome.Version, reason, outbox);
                ordersChanged = true;
            }
        }

        Proceed(outbox);
    }

    /// <summary>Does whatever the state allows now: commit, measure, store, move the limit, end.</summary>
    private void Proceed(Outbox outbox)
    {
        if (phase != RunPhase.Running)
        {
            return;
        }

        StepNumber before = log.First;
        List<MachineId> owners = [.. placement.Servers()];
        log.Advance(owners.Min(server => members[server].Applied), (version, totals) => checkpoints.Reach(version, totals, steering.At(version)), outbox);
        if (log.First > before)
        {
            progressTick = tick;
        }

        checkpoints.Commit(owners, epoch, outbox);
        if (round is { IsComplete: true } && log.First.Before == round.Version)
        {
            Measured(round, outbox);
            evaluated = round.Version;
            round = null;
        }

        if (log.First.Before == final && round is null && finalStored && unstoredBest is null)
        {
            Complete(outbox);
        }
        else if (Extend())
        {
            Direct(outbox);
        }
    }

    /// <summary>
    /// Moves the limit: <see cref="ProtocolOptions.LeashSteps"/> beyond what is committed, but not past a version that must be
    /// measured, nor the end. In steady state it moves by half a leash at a time, before anybody reaches it.
    /// </summary>
    private bool Extend()
    {
        bool changed = ordersChanged;
        ordersChanged = false;
        WeightVersion committed = log.First.Before;
        WeightVersion stop = Min(plan.NextEvaluation(evaluated.Next), final);
        WeightVersion target = Min(new WeightVersion(committed.Value + options.LeashSteps), stop);
        if (round is null && unstoredBest is null && target > limit && (target == stop || target.Value - limit.Value >= options.LeashSteps / 2))
        {
            for (WeightVersion version = limit.Next; version <= target; version = version.Next)
            {
                if (options.CheckpointEverySteps > 0 && version.Value % options.CheckpointEverySteps == 0)
                {
                    checkpoints.Announce(version, order + 1);
                }
            }

            limit = target;
            progressTick = tick;
            changed = true;
        }

        if (round is null && limit > evaluated && plan.EvaluationsAt(limit).Any())
        {
            round = new EvaluationRound(plan, limit);
            round.Deal(Workers);
            changed = true;
        }

        if (limit == final && !finalStored && !finalFailed && !checkpoints.IsOpen(final))
        {
            checkpoints.Announce(final, order + 1);
            changed = true;
        }

        if (changed)
        {
            checkpoints.Reach(committed, log.Totals, steering.At(committed));
            ranges.Forget(log.First);
        }

        return changed;
    }

    private static WeightVersion Min(WeightVersion left, WeightVersion right) => left < right ? left : right;
}
