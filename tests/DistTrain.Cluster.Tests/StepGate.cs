using DistTrain.Protocol;

namespace DistTrain.Cluster.Tests;

/// <summary>
/// Holds a run at a step: what workers have computed for it, or for later ones, is not handed over until the gate opens. So a test need
/// not be faster than the run that it does something to.
/// </summary>
internal sealed class StepGate
{
    private readonly object gate = new();
    private readonly List<(long Step, TaskCompletionSource Reached)> waiting = [];
    private long held;
    private long newest = -1;

    public StepGate(long hold) => held = hold;

    /// <summary>To be called with what a worker has computed, on its compute thread.</summary>
    public void Pass(Input computed)
    {
        if (computed is not BlockGradientReady { Step.Value: var step })
        {
            return;
        }

        lock (gate)
        {
            newest = Math.Max(newest, step);
            foreach ((_, TaskCompletionSource reached) in waiting.Where(each => each.Step <= newest))
            {
                reached.TrySetResult();
            }

            waiting.RemoveAll(each => each.Step <= newest);
            while (step >= held)
            {
                Monitor.Wait(gate);
            }
        }
    }

    /// <summary>Completes when a worker has computed this step, which proves that all before it are applied.</summary>
    public Task ReachedAsync(long step)
    {
        lock (gate)
        {
            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (step <= newest)
            {
                return Task.CompletedTask;
            }

            waiting.Add((step, reached));
            return reached.Task;
        }
    }

    public void HoldAt(long step)
    {
        lock (gate)
        {
            held = step;
            Monitor.PulseAll(gate);
        }
    }

    public void Open() => HoldAt(long.MaxValue);
}
