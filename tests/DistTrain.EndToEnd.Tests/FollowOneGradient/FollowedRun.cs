using System.Buffers;
using System.Collections.Concurrent;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.EndToEnd.Tests;

/// <summary>
/// A run of the real machines, computations and update rule that writes down what passes by: one queue, no ticks (nothing is lost,
/// so nothing is said again), and every message through the codec, as between processes.
/// </summary>
internal sealed class FollowedRun : IDisposable
{
    private static readonly TimeSpan InputMax = TimeSpan.FromMinutes(1);

    private readonly BlockPool pool = new(poison: true);
    private readonly BlockingCollection<Delivery> queue = [];
    private readonly Dictionary<MachineId, IMachine> machines = [];
    private readonly Dictionary<MachineId, WorkerCompute> computes = [];
    private readonly Outbox outbox = new();
    private readonly RunStore store;

    public FollowedRun(TrainingTask task)
    {
        var plan = new TaskPlan(task);
        Plan = plan.Blocks;
        RunPlan run = plan.Run;
        Checkpoint start = task.Start();
        store = new RunStore(task, Plan, start, folder: null);
        var options = new ProtocolOptions { Servers = task.Job.Run.Servers, Workers = task.Job.Run.Workers };
        var identity = RunIdentity.Of(task.Job.Sha256(), "data");
        Add(new CoordinatorMachine(run, Plan, options, identity, RunStart.New));
        for (int i = 0; i < options.Servers; i++)
        {
            var update = new RuleUpdate(task.Rules, task.Rates, start.Optimizer);
            Add(new ServerMachine(MachineId.Server(i), run, Plan, options, identity, update, pool));
        }

        for (int i = 0; i < options.Workers; i++)
        {
            var worker = new WorkerMachine(MachineId.Worker(i), run, Plan, options, identity);
            Add(worker);
            computes.Add(worker.Id, new WorkerCompute(
                worker.Id, plan, 1, (input, buffer) => queue.Add(new Delivery(worker, input, buffer)), Fail));
        }
    }

    public BlockPlan Plan { get; }

    /// <summary>Computations that workers asked for.</summary>
    public List<(MachineId Worker, ComputeRange Request)> Computes { get; } = [];

    /// <summary>Gradients as the compute threads handed them to their machines.</summary>
    public List<(MachineId Worker, StepNumber Step, SliceRange Range, float[] Gradient)> Ready { get; } = [];

    public List<Push> Pushes { get; } = [];

    public List<(MachineId To, GradientAccepted Message)> Acceptances { get; } = [];

    public List<(MachineId From, MachineId To, WeightVersion Version, float[] Weights)> Publications { get; } = [];

    public List<RunEvent> Events { get; } = [];

    /// <summary>Steps the machines until the coordinator has left.</summary>
    public void Run()
    {
        foreach (IMachine machine in machines.Values)
        {
            queue.Add(new Delivery(machine, new MachineStarted(0)));
        }

        while (!machines[MachineId.Coordinator].HasEnded)
        {
            Step(queue.TryTake(out Delivery? next, InputMax) ? next : throw new TimeoutException("Nobody has anything to say."));
        }
    }

    public void Dispose()
    {
        foreach (WorkerCompute compute in computes.Values)
        {
            compute.Dispose();
        }
    }

    private void Add(IMachine machine) => machines.Add(machine.Id, machine);

    private void Fail(Exception exception) => queue.Add(new Delivery(null, new StopRequested()) { Fault = exception });

    private void Step(Delivery next)
    {
        IMachine machine = next.Machine ?? throw new InvalidOperationException("A compute thread failed.", next.Fault);
        if (next.Input is BlockGradientReady ready)
        {
            Ready.Add((machine.Id, ready.Step, ready.Range, ready.Gradient.Span.ToArray()));
        }

        machine.Step(next.Input, outbox);
        next.First?.Release();
        next.Second?.Release();
        foreach (Effect effect in outbox.Effects)
        {
            Perform(machine, effect);
        }

        outbox.Clear();
    }

    private void Perform(IMachine machine, Effect effect)
    {
        switch (effect)
        {
            case Send send:
                Deliver(machine.Id, send);
                break;
            case Report report:
                Events.Add(report.Event);
                break;
            case LoadBlocks load:
                foreach (BlockId id in load.Blocks)
                {
                    (BlockBuffer weights, BlockBuffer slots) = store.Load(load.Version, Plan[id], pool);
                    queue.Add(new Delivery(machine, new BlockLoaded(load.Epoch, id, weights, slots), weights, slots));
                }

                break;
            case StoreShard shard:
                queue.Add(new Delivery(machine, new ShardStored(shard.Epoch, shard.Version, store.Collect(shard))));
                return; // the store has the references
            case CommitManifest manifest:
                store.Write(store.Take(manifest)!);
                queue.Add(new Delivery(machine, new ManifestCommitted(manifest.Epoch, manifest.Version)));
                break;
            case Leave:
                break;
            default:
                if (effect is ComputeRange compute)
                {
                    Computes.Add((machine.Id, compute));
                }

                computes[machine.Id].Perform(effect);
                break;
        }

        effect.Release();
    }

    private void Deliver(MachineId from, Send send)
    {
        var bytes = new ArrayBufferWriter<byte>();
        MessageCodec.Encode(send.Message, bytes);
        switch (send.Message)
        {
            case PushGradient push:
                Pushes.Add(new Push(from, send.To, push.Step, push.Range, push.Statistics, push.Gradient.Span.ToArray(), bytes.WrittenCount));
                break;
            case GradientAccepted accepted:
                Acceptances.Add((send.To, accepted));
                break;
            case BlockPublished published:
                Publications.Add((from, send.To, published.Version, published.Weights.Span.ToArray()));
                break;
        }

        Message arrived = MessageCodec.Decode(bytes.WrittenSpan, pool);
        queue.Add(new Delivery(machines[send.To], new MessageArrived(from, arrived), arrived.Payload));
    }

    /// <summary>A push, with the floats it carried and its length as bytes.</summary>
    internal sealed record Push(
        MachineId From, MachineId To, StepNumber Step, SliceRange Range, RangeStatistics Statistics, float[] Gradient, int Bytes);

    private sealed record Delivery(IMachine? Machine, Input Input, BlockBuffer? First = null, BlockBuffer? Second = null)
    {
        public Exception? Fault { get; init; }
    }
}
