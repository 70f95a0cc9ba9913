using System.Buffers;
using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <content>How effects are performed: network, store, compute ports.</content>
public sealed partial class Simulator
{
    private readonly Dictionary<(MachineId From, MachineId To), long> lastArrival = [];

    private void Perform(IMachine machine, Effect effect)
    {
        switch (effect)
        {
            case Send send:
                Deliver(machine.Id, send);
                break;
            case Report report:
                runEvents.Add(report.Event);
                BeginFaults(report.Event);
                break;
            case LoadBlocks load:
                Load(machine, load);
                break;
            case StoreShard store:
                Store(machine, store);
                break;
            case CommitManifest commit:
                After(random.Between(1, options.StoreMax), () =>
                {
                    if (machines.ContainsKey(machine.Id))
                    {
                        storage.Commit(commit);
                        Step(machine, new ManifestCommitted(commit.Epoch, commit.Version), []);
                    }
                });
                break;
            case Leave:
                machines.Remove(machine.Id);
                break;
            default:
                computes[machine.Id].Take(effect);
                break;
        }
    }

    private void Deliver(MachineId from, Send send)
    {
        if (random.Chance(options.LostPerMille))
        {
            faults.Count(FaultKind.MessageLost);
            return;
        }

        var bytes = new ArrayBufferWriter<byte>();
        MessageCodec.Encode(send.Message, bytes);
        int copies = 1;
        if (random.Chance(options.DuplicatedPerMille))
        {
            faults.Count(FaultKind.MessageDuplicated);
            copies = 2;
        }

        for (int i = 0; i < copies; i++)
        {
            int delay = random.Between(1, options.DelayMax);
            if (now + delay < lastArrival.GetValueOrDefault((from, send.To)))
            {
                faults.Count(FaultKind.MessageOvertaken);
            }

            lastArrival[(from, send.To)] = Math.Max(now + delay, lastArrival.GetValueOrDefault((from, send.To)));
            After(delay, () => Arrive(from, send.To, bytes.WrittenMemory));
        }
    }

    private void Arrive(MachineId from, MachineId to, ReadOnlyMemory<byte> bytes)
    {
        if (machines.TryGetValue(to, out IMachine? machine))
        {
            Step(machine, new MessageArrived(from, MessageCodec.Decode(bytes.Span, pool)), bytes.Span);
        }
    }

    private void Load(IMachine machine, LoadBlocks load)
    {
        foreach (BlockId id in load.Blocks)
        {
            Block block = application.Blocks[id];
            float[] weights = new float[block.Length];
            float[] slots = new float[application.SlotFloats(block)];
            if (load.Version.Value == 0)
            {
                application.Initialize(block, weights, slots);
            }
            else
            {
                (weights, slots) = storage.Read(load.Version, id);
            }

            After(random.Between(1, options.StoreMax), () =>
                Step(machine, new BlockLoaded(load.Epoch, id, pool.RentCopy(weights), pool.RentCopy(slots)), []));
        }
    }

    private void Store(IMachine machine, StoreShard store)
    {
        bool isLast = coordinator.Status.End == store.Version;
        bool fails = !isLast && random.Chance(options.ShardFailedPerMille);
        if (fails)
        {
            faults.Count(FaultKind.ShardStoreFailed);
            After(random.Between(1, options.StoreMax), () =>
                Step(machine, new ShardStoreFailed(store.Epoch, store.Version, "the simulated disk is full"), []));
            return;
        }

        foreach (StoredBlock block in store.Blocks)
        {
            block.Weights.Retain();
            block.Slots.Retain();
        }

        // Read when it is written, not when it was asked for: a version that moves meanwhile would show.
        After(random.Between(1, options.StoreMax), () =>
        {
            foreach (StoredBlock block in store.Blocks)
            {
                storage.Write(store.Version, block);
                block.Weights.Release();
                block.Slots.Release();
            }

            Step(machine, new ShardStored(store.Epoch, store.Version, $"shard of {machine.Id}"), []);
        });
    }

    /// <summary>Lets a worker's compute port do the next request it has the blocks for, if it is idle.</summary>
    private void Compute(IMachine machine, SimulatedCompute compute)
    {
        if (now < compute.BusyUntil || compute.Next() is not { } next)
        {
            return;
        }

        int generation = compute.Generation;
        if (next.Request is ComputeEvaluation evaluation)
        {
            int wait = random.Between(1, options.ComputeMax);
            RangeStatistics statistics = application.Evaluate(evaluation.Version, evaluation.Batch, next.Weights);
            compute.BusyUntil = now + wait;
            Answer(machine, compute, generation, wait, () => new EvaluationComputed(evaluation.Epoch, evaluation.Version, evaluation.Batch, statistics));
            return;
        }

        var request = (ComputeRange)next.Request;
        float[] gradient = new float[next.Weights.Length];
        RangeStatistics sums = application.Compute(request.Step, request.Range, next.Weights, gradient);
        int elapsed = 0;
        foreach (Block block in application.Blocks.Blocks.Reverse())
        {
            elapsed += random.Between(1, options.ComputeMax);
            compute.BusyUntil = now + elapsed;
            Answer(machine, compute, generation, elapsed, () => new BlockGradientReady(
                request.Epoch, request.Step, request.Range, block.Id, pool.RentCopy(gradient.AsSpan((int)block.Offset, block.Length)), sums));
        }
    }

    /// <summary>An answer of a compute port in a while; after a cancellation it may still come, or not.</summary>
    private void Answer(IMachine machine, SimulatedCompute compute, int generation, int wait, Func<Input> answer)
    {
        After(wait, () =>
        {
            bool cancelled = compute.Generation != generation;
            if (cancelled && random.Chance(500))
            {
                return;
            }

            if (cancelled)
            {
                faults.Count(FaultKind.CancelledAnswerArrived);
            }

            Step(machine, answer(), []);
        });
    }
}
