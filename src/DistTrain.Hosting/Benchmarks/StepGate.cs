using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// Holds a run of this process at a step until somebody has done something to it, however late that thread gets a core: the coordinator's
/// host waits in its report of the step, and without its word a run gets no further than its leash, and never to its end.
/// </summary>
/// <param name="patience">After so long whoever waits here fails: somebody hangs.</param>
internal sealed class StepGate(TimeSpan patience)
{
    private readonly object gate = new();

    // Held from the first step on.
    private long due = 1;
    private long committed;
    private bool ended;

    /// <summary>Steps that were reported as committed.</summary>
    public long Committed
    {
        get
        {
            lock (gate)
            {
                return committed;
            }
        }
    }

    /// <summary>The run's report of a step; returns when it may go on.</summary>
    /// <exception cref="TimeoutException">Nobody let it.</exception>
    public void Pass(StepCommitted step)
    {
        lock (gate)
        {
            committed = Math.Max(committed, step.Step.After.Value);
            Monitor.PulseAll(gate);
            while (committed >= due && !ended)
            {
                Wait();
            }
        }
    }

    /// <summary>Lets the run go on to so many committed steps, and waits until it is held there. False: it has ended before.</summary>
    /// <exception cref="TimeoutException">It does not get there.</exception>
    public bool Reach(long steps)
    {
        lock (gate)
        {
            due = steps;
            Monitor.PulseAll(gate);
            while (committed < due && !ended)
            {
                Wait();
            }

            return !ended;
        }
    }

    /// <summary>One of a role dies where the run is held, and another one joins.</summary>
    public void Strike(InProcessRun run, MachineRole role, Random random)
    {
        MachineId[] candidates = [.. run.Members.Where(member => member.Role == role)];
        switch (role)
        {
            case MachineRole.Coordinator:
                // It may have more steps to report of those it knew when it died.
                run.CloseCoordinator();
                LetGo();
                run.AwaitCoordinator();
                Hold();

                // Whoever feeds a machine steps it, and may be held here.
                _ = Task.Run(run.SucceedCoordinator);
                break;
            case MachineRole.Server:
                run.Kill(candidates[random.Next(candidates.Length)]);
                run.AddServer();
                break;
            default:
                run.Kill(candidates[random.Next(candidates.Length)]);
                run.AddWorker();
                break;
        }
    }

    /// <summary>Nothing is held any more.</summary>
    public void LetGo()
    {
        lock (gate)
        {
            due = long.MaxValue;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>The run has ended: nobody waits for it, nor it for anybody.</summary>
    public void End()
    {
        lock (gate)
        {
            ended = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Holds the run at the next step.</summary>
    private void Hold()
    {
        lock (gate)
        {
            due = committed + 1;
        }
    }

    private void Wait()
    {
        if (!Monitor.Wait(gate, patience))
        {
            throw new TimeoutException($"{committed} steps are committed, and after {patience} nothing has happened; due are {due}.");
        }
    }
}
