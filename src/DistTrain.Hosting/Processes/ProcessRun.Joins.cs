using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <content>
/// Nodes that others started, here or on other hosts. Their processes can't be watched: the coordinator finds by their silence that
/// they are gone.
/// </content>
internal sealed partial class ProcessRun
{
    /// <summary>Nodes that may join in the life of a run; each takes some kilobytes of numbers that are never used again.</summary>
    private const int JoinsMax = 4096;

    private int joins;

    private ControlAnswer Join(ControlQuestion asked)
    {
        lock (gate)
        {
            if (ending || completed is not null)
            {
                return new ControlAnswer { Refusal = "the run has ended" };
            }

            if (options.Listen is null)
            {
                return new ControlAnswer { Refusal = "the run takes nobody in; it was started without --listen" };
            }

            if (joins == JoinsMax)
            {
                return new ControlAnswer { Refusal = $"{joins} nodes have joined already, as many as may" };
            }

            var slot = new NodeSlot($"joined {joins++}", 1, asked.HasServer ? 1 : 0) { Threads = Math.Clamp(asked.Threads, 1, 1024) };
            return new ControlAnswer { Node = Create(slot).Number, Run = name.Run };
        }
    }

    /// <summary>A joined node whose machines are all gone, as the coordinator found or as they wished, is forgotten.</summary>
    private void ForgetJoined(MachineId gone)
    {
        LaunchedNode? node = nodes.Values.FirstOrDefault(each => each.Process is null && each.Machines.Contains(gone));
        if (node is null)
        {
            return;
        }

        node.Left.Add(gone);
        if (node.Left.Count == node.Machines.Count)
        {
            Dismiss(node);
        }
    }

    /// <summary>
    /// A node that joined and has no lane for as long as it would itself wait for one: it never came, or went before the coordinator
    /// knew its machines.
    /// </summary>
    private void DismissUnheard()
    {
        foreach (LaunchedNode node in nodes.Values.Where(node => node.Process is null))
        {
            node.TicksUnheard = wire.IsConnected(node.Number) ? 0 : node.TicksUnheard + 1;
        }

        foreach (LaunchedNode lost in nodes.Values.Where(node => node.TicksUnheard == HostClock.LauncherLostTicks).ToList())
        {
            Dismiss(lost);
        }
    }

    private void Dismiss(LaunchedNode node)
    {
        node.Channel.Post(new EndNode());
        node.IsReady = false;
        PushDirectory();
        foreach (MachineId machine in node.Machines)
        {
            dead.Add(machine);
            Coordinator?.Channel.Post(new MachineDied(machine, "it left, or is not heard of"));
        }

        // A moment for the last message.
        _ = Task.Delay(HostClock.EndMax).ContinueWith(_ => Forget(node), TaskScheduler.Default);
    }

    private void Forget(LaunchedNode node)
    {
        lock (gate)
        {
            if (nodes.Remove(node.Number))
            {
                Remove(node);
            }
        }
    }
}
