namespace DistTrain.Protocol;

/// <summary>
/// Computes the gradients of its ranges on exact versions and pushes each block as soon as it is complete. It knows no barrier:
/// the next step is asked of the compute port at once, which waits for each layer's blocks.
/// </summary>
/// <remarks>States: joining -> directed (one run epoch after another) -> left. See README.md.</remarks>
public sealed class WorkerMachine : IMachine
{
    private readonly ProtocolOptions options;
    private readonly RunIdentity identity;
    private readonly RunPlan run;
    private readonly InstalledVersions installed;
    private readonly WorkerTasks tasks;
    private readonly PendingPushes pushes = new();
    private readonly List<EvaluationResult> results = [];
    private readonly int blockCount;
    private DirectWorker? orders;
    private BlockPlacement? placement;
    private long tick;
    private long reportTick;
    private RetryTimer pullTimer;
    private StepNumber acceptedReported;
    private WorkDone work;
    private bool leaving;

    /// <param name="id">A number never used before in this run.</param>
    /// <param name="run">The same on every machine.</param>
    /// <param name="blocks">The same on every machine.</param>
    /// <param name="options">Validated.</param>
    /// <param name="identity">For the handshake.</param>
    public WorkerMachine(MachineId id, RunPlan run, BlockPlan blocks, ProtocolOptions options, RunIdentity identity)
    {
        Id = id;
        this.options = options.Validated();
        this.identity = identity;
        blockCount = blocks.Blocks.Count;
        this.run = run.Validated();
        installed = new InstalledVersions(blockCount);
        tasks = new WorkerTasks(run, blockCount);
    }

    public MachineId Id { get; }

    public bool HasEnded { get; private set; }

    /// <summary>The step the worker is at.</summary>
    public StepNumber Reached => tasks.Reached;

    /// <summary>Every push of a step before this one was accepted.</summary>
    private StepNumber Accepted => pushes.FirstStep(tasks.Reached);

    /// <summary>First step not known to be committed: nothing older is ever needed.</summary>
    private StepNumber Floor =>
        orders is null ? default : installed.Complete.Value > orders.Committed.Value ? installed.Complete.Step : orders.Committed;

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
                Join(outbox);
                break;
            case Ticked ticked:
                tick = ticked.Tick;
                Repeat(outbox);
                break;
            case MessageArrived arrived:
                Receive(arrived.From, arrived.Message, outbox);
                break;
            case LeaveRequested:
                leaving = true;
                outbox.Send(MachineId.Coordinator, new LeaveRun(orders?.Epoch ?? default));
                break;
            case BlockGradientReady ready when ready.Epoch == orders?.Epoch:
                Push(ready, outbox);
                break;
            case RangeMeasured measured when measured.Epoch == orders?.Epoch:
                Measure(measured);
                break;
            case EvaluationComputed computed when computed.Epoch == orders?.Epoch:
                Evaluated(computed, outbox);
                break;
        }
    }

    private void Receive(MachineId from, Message message, Outbox outbox)
    {
        switch (message)
        {
            case DirectWorker direct when direct.Epoch.Term < orders?.Epoch.Term:
                outbox.Send(from, new Refused(orders.Epoch, RefusalReason.StaleEpoch, $"{direct.Epoch} has ended, {orders.Epoch} runs"));
                break;
            case DirectWorker direct when orders is null || direct.Epoch > orders.Epoch || (direct.Epoch == orders.Epoch && direct.Order > orders.Order):
                Follow(direct, outbox);
                break;
            case BlockPublished published when published.Epoch == orders?.Epoch:
                Install(published, outbox);
                break;
            case GradientAccepted accepted when accepted.Epoch == orders?.Epoch:
                pushes.Remove(accepted.Step, accepted.Block, accepted.Range);
                ReportAccepted(outbox);
                break;
            case Refused { Reason: RefusalReason.OtherRun or RefusalReason.TakenForLost or RefusalReason.RunEnded or RefusalReason.ComputesWrong } refused:
                End(refused.Text, refused.Reason, outbox);
                break;
        }
    }

    private void Follow(DirectWorker direct, Outbox outbox)
    {
        bool begins = orders is null || direct.Epoch != orders.Epoch;
        bool limitMoved = orders is null || direct.Limit != orders.Limit;
        orders = direct;
        if (direct.Ended)
        {
            SendReport(outbox);
            End("the run has ended", refusal: null, outbox);
            return;
        }

        if (begins)
        {
            Begin(direct, outbox);
        }

        if (begins || limitMoved)
        {
            tasks.ForgetEvaluations(direct.Epoch, outbox);
        }

        results.RemoveAll(result => result.Version != direct.Limit.Before || !direct.Evaluations.Contains(result.Batch));
        tasks.Commit(Floor, direct.Epoch, outbox);
        Advance(outbox);
        SendReport(outbox);
    }

    private void Begin(DirectWorker direct, Outbox outbox)
    {
        pushes.Clear();
        tasks.Reset();
        installed.Reset();
        results.Clear();
        acceptedReported = default;
        work = default;
        placement = new BlockPlacement(direct.Owners);
        outbox.Add(new BeginEpoch(direct.Epoch));
        pullTimer = new RetryTimer(tick);
        Pull(direct.Committed.Before, outbox);
    }

    private void Install(BlockPublished published, Outbox outbox)
    {
        if (published.Block.Value >= blockCount || published.Version < Floor.Before)
        {
            return;
        }

        WeightVersion before = installed.Complete;
        if (!installed.Install(published.Block, published.Version))
        {
            return;
        }

        outbox.Add(new InstallBlock(published.Epoch, published.Block, published.Version, published.Weights));
        pushes.RemoveBefore(published.Block, published.Version);
        pullTimer = new RetryTimer(tick);
        if (installed.Complete > before)
        {
            outbox.Add(new DropVersions(published.Epoch, Floor.Before));
            tasks.Commit(Floor, published.Epoch, outbox);
            Advance(outbox);
        }

        ReportAccepted(outbox);
    }

    private void Push(BlockGradientReady ready, Outbox outbox)
    {
        if (!ready.Range.IsNodeOf(run.Slices) || ready.Block.Value >= blockCount)
        {
            throw new InvalidOperationException($"{Id} was told of {ready.Block} of {ready.Range} of {ready.Step}, which do not exist.");
        }

        if (ready.Step >= Floor)
        {
            MachineId owner = placement!.OwnerOf(ready.Block);
            var push = new PushGradient(
                ready.Epoch, ready.Step, ready.Block, ready.Range, ready.Statistics, ready.Gradient, orders!.IsAudited(ready.Step, ready.Range));
            pushes.Add(owner, push, tick, outbox);
            if (tasks.Complete(ready.Step, ready.Range, ready.Block))
            {
                Advance(outbox);
            }
        }
    }

    /// <summary>Goes out with the next report: a step's measurement is soon enough with the step after it.</summary>
    private void Measure(RangeMeasured measured)
    {
        int samples = measured.Range.Rows(run.RowsOf(measured.Step), run.Slices);
        work = new WorkDone(work.Samples + samples, work.BusyMicroseconds + Math.Max(1, measured.BusyMicroseconds));
    }

    private void Evaluated(EvaluationComputed computed, Outbox outbox)
    {
        if (tasks.Complete(computed.Version, computed.Batch))
        {
            results.Add(new EvaluationResult(computed.Version, computed.Batch, computed.Statistics));
            if (!tasks.HasEvaluationsAsked)
            {
                SendReport(outbox);
            }
        }
    }

    private void Advance(Outbox outbox) =>
        tasks.Advance(orders!, Floor, batch => results.Exists(result => result.Batch == batch), outbox);

    private void Join(Outbox outbox)
    {
        reportTick = tick;
        outbox.Send(MachineId.Coordinator, new JoinRun(orders?.Epoch ?? default, identity));
    }

    /// <summary>What time brings: lost messages are made up for by saying them again.</summary>
    private void Repeat(Outbox outbox)
    {
        if (orders is null)
        {
            if (tick - reportTick >= options.RetryTicks)
            {
                Join(outbox);
            }

            return;
        }

        pushes.Repeat(tick, options.RetryTicks, outbox);
        if (tasks.Needed is not { } version || !installed.Missing(version).Any())
        {
            pullTimer = new RetryTimer(tick);
        }
        else if (pullTimer.IsDue(tick, options.RetryTicks))
        {
            Pull(version, outbox);
        }

        if (tick - reportTick >= (Accepted > acceptedReported ? options.NewsTicks : options.ReportTicks))
        {
            SendReport(outbox);
            if (leaving)
            {
                outbox.Send(MachineId.Coordinator, new LeaveRun(orders.Epoch));
            }
        }
    }

    private void Pull(WeightVersion from, Outbox outbox)
    {
        foreach (IGrouping<MachineId, BlockId> missing in installed.Missing(from).GroupBy(placement!.OwnerOf))
        {
            outbox.Send(missing.Key, new PullBlocks(orders!.Epoch, orders.Order, from, [.. missing]));
        }
    }

    private void ReportAccepted(Outbox outbox)
    {
        if (ReportPace.IsDue(options.ReportsPerLeash, acceptedReported, Accepted, orders!.Committed, orders.Limit))
        {
            SendReport(outbox);
        }
    }

    private void SendReport(Outbox outbox)
    {
        reportTick = tick;
        acceptedReported = Accepted;
        outbox.Send(MachineId.Coordinator, new WorkerReported(orders!.Epoch, orders.Order, acceptedReported, work, [.. results]));
    }

    private void End(string reason, RefusalReason? refusal, Outbox outbox)
    {
        HasEnded = true;
        pushes.Clear();
        outbox.Add(new Leave(reason, refusal));
    }
}
