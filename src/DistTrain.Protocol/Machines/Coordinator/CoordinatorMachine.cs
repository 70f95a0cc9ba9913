namespace DistTrain.Protocol;

/// <summary>
/// Keeps the run together: who is in it, who computes which ranges, how far steps may go, when weights are measured and stored.
/// It is not on the way of a step: workers and servers go on alone up to the limit, which is moved ahead of them.
/// </summary>
/// <remarks>
/// Orders are states, not changes: any machine that missed some is right again with the next one, and repetition is harmless.
/// States: gathering -> running (-> gathering, when servers change) -> ended. See README.md.
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
    /// <param name="start">Where to begin; for a successor, the newest valid checkpoint.</param>
    /// <param name="term">1; a successor's is one higher than that of the coordinator before it.</param>
    public CoordinatorMachine(RunPlan run, BlockPlan blocks, ProtocolOptions options, RunIdentity identity, RunStart start, int term = 1)
    {
        plan = run.Validated();
        this.blocks = blocks;
        this.options = options.Validated();
        this.identity = identity;
        this.start = start;
        ranges = new RangeSchedule(plan.Slices);
        audits = new AuditSchedule(options.AuditShare, options.AuditSeed, plan);
        steering = new RunSteering(plan.Steering);
        steering.Begin(start.Version, start.Steering ?? Tensors.SteeringState.Initial);
        clipping = plan.ClipNorm is { } clipNorm ? new ClippingBarrier(clipNorm, blocks.Blocks.Count) : null;
        ArgumentOutOfRangeException.ThrowIfLessThan(term, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(term, ProtocolLimits.TermsMax);
        epoch = RunEpoch.Before(term);
        collection = new BlockCollection(blocks.Blocks.Count);
        log = new CommitLog(plan, start);
        final = plan.End;
        limit = start.Version;
    }

    public MachineId Id => MachineId.Coordinator;

    public bool HasEnded { get; private set; }

    /// <summary>What the run is doing.</summary>
    public RunPhase Phase => phase;

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
            tick - pair.Value.HeardTick)
        {
            SampleNanoseconds = pair.Value.Pace.Nanoseconds,
            IsDoubtful = pair.Value.IsDoubtful,
        })]);

    private List<MachineId> Workers => [.. members.Where(pair => pair.Key.Role == MachineRole.Worker && pair.Value.Dismissed is null).Select(pair => pair.Key)];

    private List<MachineId> Servers => [.. members.Where(pair => pair.Key.Role == MachineRole.Server && pair.Value.Dismissed is null).Select(pair => pair.Key)];

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
                tick = gatherTick = started.Tick;
                break;
            case MembersFound found:
                foreach (MachineId member in found.Members.Where(member => !gone.Contains(member) && !members.ContainsKey(member)))
                {
                    Admit(member, outbox);
                }

                allAreFound |= found.AreAll;
                BeginWhenGathered(outbox);
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
            case MemberSuspected suspected:
                Suspect(suspected.Member, isSuspected: true, outbox);
                break;
            case MemberHeard heard:
                Suspect(heard.Member, isSuspected: false, outbox);
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

    /// <summary>Does whatever the state allows now: commit, measure, store, move the limit, end.</summary>
    private void Proceed(Outbox outbox)
    {
        if (phase != RunPhase.Running)
        {
            return;
        }

        StepNumber before = log.First;
        List<MachineId> owners = [.. placement.OwningServers()];
        log.Advance(owners.Min(server => members[server].Applied), Reach, outbox);
        audits.Forget(log.First);
        if (log.First > before)
        {
            NoteStepTicks(tick - progressTick, log.First.Value - before.Value);
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
        else if (Extend(outbox) | Settle())
        {
            Direct(outbox);
        }

        Dismiss(outbox);
        if (WantsPlacement())
        {
            EndEpoch(outbox);
        }
    }

    /// <summary>
    /// Moves the limit: a leash beyond what is committed, but not past a version that must be measured, nor the end. In steady
    /// state it moves by half a leash at a time, before anybody reaches it.
    /// </summary>
    private bool Extend(Outbox outbox)
    {
        bool changed = ordersChanged;
        ordersChanged = false;
        WeightVersion committed = log.First.Before;
        WeightVersion stop = Min(plan.NextEvaluation(evaluated.Next), final);
        long leash = Leash;
        WeightVersion target = Min(new WeightVersion(committed.Value + leash), stop);
        if (round is null && unstoredBest is null && target > limit && (target == stop || target.Value - limit.Value >= leash / 2))
        {
            AnnounceUpTo(target, outbox);
            Rebalance(outbox);
            audits.Draw(limit.Step, target.Step, SpeedsOf(Staying(Workers)), ranges.At);
            limit = target;
            progressTick = tick;
            changed = true;
        }

        if (round is null && limit > evaluated && plan.EvaluationsAt(limit).Any())
        {
            round = new EvaluationRound(plan, limit);
            round.Deal(SpeedsOf(Staying(Workers)));
            changed = true;
        }

        if (limit == final && !finalStored)
        {
            changed |= StoreFirst(final);
        }

        if (changed)
        {
            checkpoints.Reach(committed, log.Totals, steering.At(committed));
            ranges.Forget(log.First);
        }

        return changed;
    }

    private void Reach(WeightVersion version, PassTotals totals) => checkpoints.Reach(version, totals, steering.At(version));

    private static WeightVersion Min(WeightVersion left, WeightVersion right) => left < right ? left : right;
}
