using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <content>What nodes say.</content>
internal sealed partial class ProcessRun
{
    public BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => null;

    public void Receive(int node, MachineId from, MachineId to, Message message) => message.Payload?.Release();

    public void Receive(int node, ReadOnlySpan<byte> packet)
    {
        LaunchedNode? sender;
        lock (gate)
        {
            nodes.TryGetValue(node, out sender);
        }

        sender?.Channel.Receive(packet);
    }

    /// <summary>On the pool: the wire may tell it while it sends.</summary>
    public void Suspect(int node, string? reason) => _ = Task.Run(() =>
    {
        lock (gate)
        {
            if (nodes.TryGetValue(node, out LaunchedNode? suspect) && !ending)
            {
                Suspicions += reason is null ? 0 : 1;
                foreach (MachineId machine in suspect.Machines.Where(machine => machine.Role == MachineRole.Worker))
                {
                    Coordinator?.Channel.Post(new MachineSuspected(machine, reason));
                }
            }
        }
    });

    public void Refused(int node) => throw new InvalidOperationException($"the launcher dials nobody, and node {node} refused it");

    private void Deliver(LaunchedNode node, HostMessage message)
    {
        // Not under the gate: nothing of the run hangs on these, and one asks for the time.
        switch (message)
        {
            case ClockAsked asked:
                long received = SpanBuffer.Now;
                node.Channel.Tell(new ClockTold(asked.Sent, received, SpanBuffer.Now));
                return;
            case SpansTold told:
                timeline?.Add(node.Number, SpanCodec.Decode(told.Bulk.Span));
                return;
        }

        lock (gate)
        {
            if (!nodes.ContainsKey(node.Number))
            {
                return;
            }

            Check(node, message);
            switch (message)
            {
                case NodeArrived arrived:
                    SetUp(node, arrived);
                    break;
                case NodeReady:
                    node.IsReady = true;
                    PushDirectory();
                    break;
                case EventHappened happened when Hears(happened.Event):
                    Report(happened.Event);
                    break;
                case StepsCommitted committed:
                    CommittedAt = committed.Timestamp;
                    foreach (StepCommitted step in committed.Steps.Where(Hears))
                    {
                        Report(step);
                    }

                    break;
                case NodeMeasured measured:
                    node.Take(measured);
                    break;
                case StatusTold told:
                    status = told.Status;
                    break;
                case AskBlocks ask:
                    _ = Task.Run(() => node.Store.Load(ask, node.Channel));
                    break;
                case AskData or AskChunk:
                    node.Feed.Take(message);
                    break;
                case ShardPart part:
                    node.Store.Take(part);
                    break;
                case ShardSent sent:
                    node.Channel.Post(node.Store.Collect(sent));
                    break;
                case CommitCheckpoint commit:
                    // One after the other: an older checkpoint must never end up as the newest.
                    StoredVersion? version = store.Take(new CommitManifest(commit.Epoch, commit.Version, commit.Shards, commit.Totals, commit.Steering));
                    commits = commits.ContinueWith(_ => Commit(node, commit, version), TaskScheduler.Default);
                    break;
                case MachineLeft left:
                    Leave(node, left);
                    break;
                case NodeFailed failed when node.Process is null:
                    publish(new RunNotice($"{node.Slot.Name} failed: {failed.Reason.Split('\n')[0]}"));
                    Dismiss(node);
                    break;
                case NodeFailed failed:
                    node.Failure = failed;
                    node.Process.End(runGoesOn: true);
                    break;
            }
        }
    }

    /// <summary>A node speaks for its own machines; joined ones may be anybody who has the token.</summary>
    /// <exception cref="InvalidDataException">It does not.</exception>
    private static void Check(LaunchedNode node, HostMessage message)
    {
        bool isRight = message switch
        {
            EventHappened or StepsCommitted or StatusTold or CommitCheckpoint => node.HostsCoordinator,
            MachineLeft left => node.Machines.Contains(left.Machine),
            _ => node.Store.IsRight(message, node.Machines.Contains),
        };
        if (!isRight)
        {
            throw new InvalidDataException($"{node.Slot.Name} may not say {message.GetType().Name} of machines or blocks that it does not have");
        }
    }

    private void Leave(LaunchedNode node, MachineLeft left)
    {
        node.Left.Add(left.Machine);
        node.IsGivenUp |= left.Refusal == RefusalReason.ComputesWrong;
        node.WasTakenForLost |= left.Refusal == RefusalReason.TakenForLost;
        if (left.Machine == MachineId.Coordinator && left.Refusal is null)
        {
            Finish();
        }
        else if (left.Refusal is RefusalReason.OtherRun && node.Process is null)
        {
            // Somebody joined with other data; the run goes on without him.
            publish(new RunNotice($"{node.Slot.Name} was refused: {left.Reason}"));
            Dismiss(node);
        }
        else if (left.Refusal is RefusalReason.OtherRun)
        {
            Fail(new EngineFailedException($"{left.Machine} was refused: {left.Reason}"));
        }
        else if (node.Left.Count == node.Machines.Count)
        {
            if (node.Process is null)
            {
                Dismiss(node);
                return;
            }

            // Taken for lost, it is started again with new numbers; who left politely, or computes wrong, is not.
            node.IsGivenUp |= !node.WasTakenForLost;
            node.Process?.End(runGoesOn: true);
        }
    }

    private void Commit(LaunchedNode node, CommitCheckpoint commit, StoredVersion? version)
    {
        string? failure = null;
        long begin = SpanBuffer.Now;
        try
        {
            store.Write(version ?? throw new IOException("its run epoch has ended"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            failure = exception.Message;
        }
        catch (Exception exception)
        {
            lock (gate)
            {
                Fail(exception);
            }
        }

        timeline?.Add(NodeHost.Launcher, [new Span(SpanKind.Checkpoint, MachineId.Coordinator, begin, SpanBuffer.Now) { At = commit.Version.Value }]);
        node.Channel.Post(new CheckpointSettled(commit.Epoch, commit.Version, failure));
    }
}
