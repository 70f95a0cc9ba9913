using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <content>Machines that come and go while the run goes on; deaths are told to the machines at once. What tests use today, processes will.</content>
internal sealed partial class InProcessRun
{
    private int nextServer;
    private int nextWorker;
    private int term = 1;

    /// <summary>Machines that live now.</summary>
    public IReadOnlyList<MachineId> Members => [.. hosts.Keys.Order()];

    public void AddServer() => AddServerHost().Post(new MachineStarted(ticks));

    public void AddWorker() => AddWorkerHost().Post(new MachineStarted(ticks));

    /// <summary>A server or worker is gone from one input to the next.</summary>
    public void Kill(MachineId member)
    {
        if (hosts.TryRemove(member, out MachineHost? host))
        {
            host.Close();
            if (computes.TryGetValue(member, out WorkerCompute? compute))
            {
                compute.Dispose();
            }

            hosts[MachineId.Coordinator].Post(new MemberLost(member, "killed"));
        }
    }

    /// <summary>The coordinator is gone, and for now nobody is in its place.</summary>
    public void CloseCoordinator() => hosts[MachineId.Coordinator].Close();

    /// <summary>
    /// Waits until a coordinator that was closed has done what it was at: from then on it reports nothing and asks for nothing. Not for
    /// the threads of the run, which may be those that step it.
    /// </summary>
    public void AwaitCoordinator()
    {
        var idle = new TaskCompletionSource();
        hosts[MachineId.Coordinator].Inspect(_ => idle.SetResult());
        idle.Task.Wait();
    }

    /// <summary>A slow disk: nothing that is asked for from now on is written before this.</summary>
    public void HoldStore(Task until) => InOrder(until.Wait);

    /// <summary>Waits until the store has done what it was asked for so far.</summary>
    public void AwaitStore()
    {
        Task asked;
        lock (storingGate)
        {
            asked = storing;
        }

        asked.Wait();
    }

    /// <summary>The coordinator is gone; its successor begins with the newest checkpoint and is told who is there.</summary>
    public void SucceedCoordinator()
    {
        CloseCoordinator();

        // Two at once would tell the journal of two runs.
        AwaitCoordinator();
        RunStart from = taskPlan.SuccessorAt(start, store.Complete);
        MachineHost successor = Add(new CoordinatorMachine(taskPlan.Run, plan, options, identity, from, ++term));
        successor.Post(new MachineStarted(ticks));
        successor.Post(new MembersFound([.. Members.Where(member => member.Role != MachineRole.Coordinator)], AreAll: true));
        if (stopRequested)
        {
            // The coordinator before it may have been lost before it told anybody.
            successor.Post(new StopRequested());
        }
    }

    private MachineHost AddServerHost()
    {
        var id = MachineId.Server(nextServer++);
        IBlockUpdate update = new RuleUpdate(task.Rules, task.Rates, start.Optimizer);
        update = spans is null ? update : new TimedUpdate(update, id, spans);
        return Add(new ServerMachine(id, taskPlan.Run, plan, options, identity, update, pool));
    }

    private MachineHost AddWorkerHost()
    {
        // The compute port first: once the host is listed, a tick can make the worker ask for work.
        var host = new MachineHost(new WorkerMachine(MachineId.Worker(nextWorker++), taskPlan.Run, plan, options, identity), Perform, Fault);
        computes[host.Id] = new WorkerCompute(
            host.Id, taskPlan, ThreadsOf(task.Job.Run), (input, buffer) => Answer(host, input, buffer), Fault, spans);
        hosts[host.Id] = host;
        return host;
    }
}
