using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <content>How effects are performed: network, store, compute ports.</content>
public sealed partial class Simulator
{
    private void Perform(IMachine machine, Effect effect)
    {
        switch (effect)
        {
            case Send send:
                Deliver(machine.Id, send);
                if (send.Message is CollectBlocks)
                {
                    Strike(FaultKind.CrashWhileCollecting, machine);
                }

                break;
            case Report report:
                runEvents.Add(report.Event);
                Check(report.Event as WorkerNamed);
                trace.Add(now, report.Event);
                BeginFaults(report.Event);
                break;
            case LoadBlocks load:
                Load(machine, load);
                Strike(FaultKind.CrashWhileLoading, machine);
                break;
            case StoreShard store:
                Store(machine, store);
                Strike(FaultKind.CrashWhileStoring, machine);
                break;
            case CommitManifest commit:
                Commit(machine, commit);
                Strike(FaultKind.CrashWhileCommitting, machine);
                break;
            case Leave leave:
                Remove(machine, leave);
                break;
            case ComputeEvaluation:
                computes[machine.Id].Take(effect);
                Strike(FaultKind.CrashWhileMeasuring, machine);
                break;
            default:
                computes[machine.Id].Take(effect);
                break;
        }
    }

    /// <summary>
    /// Encoded when it arrives, not when it is sent: real hosts hand on references and queue them, so a sender that writes
    /// what it has sent must show.
    /// </summary>
    private void Deliver(MachineId from, Send send)
    {
        Message message = Computed(from, send.Message);
        BlockBuffer? payload = message.Payload;
        foreach (int delay in network.Arrivals(from, send.To, payload?.Length ?? 0, now))
        {
            payload?.Retain();
            After(delay, () =>
            {
                Arrive(from, send.To, message);
                payload?.Release();
            });
        }

        if (!ReferenceEquals(message, send.Message))
        {
            payload!.Release();
        }
    }

    private void Arrive(MachineId from, MachineId to, Message message)
    {
        if (machines.TryGetValue(to, out IMachine? machine))
        {
            wire.ResetWrittenCount();
            MessageCodec.Encode(message, wire);
            Step(machine, new MessageArrived(from, MessageCodec.Decode(wire.WrittenSpan, pool)), wire.WrittenSpan);
        }
    }

    private void Load(IMachine machine, LoadBlocks load)
    {
        foreach (BlockId id in load.Blocks)
        {
            int wait = random.Between(1, options.StoreMax);
            if (Read(load.Version, id) is { } stored)
            {
                checker.Loaded(id, load.Version, stored.Weights, stored.Slots);
                var loaded = new BlockLoaded(load.Epoch, id, pool.RentCopy(stored.Weights), pool.RentCopy(stored.Slots));
                After(wait, () => Step(machine, loaded, []));
            }
            else
            {
                faults.Count(FaultKind.CorruptionFound);
                After(wait, () => Step(machine, new LoadFailed(load.Epoch, load.Version, storage.DamageOf(load.Version, id)), []));
            }
        }
    }

    private (float[] Weights, float[] Slots)? Read(WeightVersion version, BlockId id)
    {
        if (version.Value > 0)
        {
            return storage.Read(version, id) is { } stored ? (stored.Weights, stored.Slots) : null;
        }

        Block block = application.Blocks[id];
        float[] weights = new float[block.Length];
        float[] slots = new float[application.SlotFloats(block)];
        application.Initialize(block, weights, slots);
        return (weights, slots);
    }

    private void Store(IMachine machine, StoreShard store)
    {
        bool isLast = IsLast(store.Version);
        int wait = random.Between(1, options.StoreMax);
        if ((random.Chance(options.ShardFailedPerMille) && !isLast) || now < diskFullUntil)
        {
            faults.Count(FaultKind.ShardStoreFailed);
            After(wait, () => Step(machine, new ShardStoreFailed(store.Epoch, store.Version, "the simulated disk is full"), []));
            return;
        }

        foreach (StoredBlock block in store.Blocks)
        {
            block.Weights.Retain();
            block.Slots.Retain();
        }

        // Read when it is written, not when it was asked for: a version that moves meanwhile would show.
        string receipt = SimulatedStorage.ReceiptOf(machine.Id, store);
        storage.Begin(receipt, machine.Id);
        After(wait, () =>
        {
            if (machines.ContainsKey(machine.Id))
            {
                checker.Check(store);
                storage.Sync(receipt, store.Blocks);
                Step(machine, new ShardStored(store.Epoch, store.Version, receipt), []);
            }

            foreach (StoredBlock block in store.Blocks)
            {
                block.Weights.Release();
                block.Slots.Release();
            }
        });
    }

    private void Commit(IMachine machine, CommitManifest commit)
    {
        bool isLast = IsLast(commit.Version);
        int wait = random.Between(1, options.StoreMax);
        if ((random.Chance(options.ManifestFailedPerMille) && !isLast) || now < diskFullUntil)
        {
            faults.Count(FaultKind.ManifestStoreFailed);
            After(wait, () => Step(machine, new ManifestFailed(commit.Epoch, commit.Version, "the simulated disk is full"), []));
            return;
        }

        After(wait, () =>
        {
            if (machines.ContainsKey(machine.Id))
            {
                storage.Commit(commit, application.Blocks);
                Step(machine, new ManifestCommitted(commit.Epoch, commit.Version), []);
            }
        });
    }

    /// <summary>Whether the run ends with this version; without its checkpoint it fails.</summary>
    private bool IsLast(WeightVersion version) => coordinator.Status.End == version;

    /// <summary>Lets a worker's compute port do the next request it has the blocks for, if it is idle.</summary>
    private void Compute(IMachine machine, SimulatedCompute compute)
    {
        if (now < compute.BusyUntil || compute.Next() is not { } request)
        {
            return;
        }

        int generation = compute.Generation;
        if (request is ComputeEvaluation evaluation)
        {
            int wait = random.Between(1, options.ComputeMax) * compute.Slowness;
            RangeStatistics statistics = application.Evaluate(evaluation.Version, evaluation.Batch, compute.Weights);
            compute.BusyUntil = now + wait;
            Answer(machine, compute, generation, wait, () => new EvaluationComputed(evaluation.Epoch, evaluation.Version, evaluation.Batch, statistics));
            return;
        }

        var range = (ComputeRange)request;
        float[] gradient = new float[compute.Weights.Length];
        RangeStatistics sums = application.Compute(range.Step, range.Range, compute.Weights, gradient);
        int elapsed = 0;
        for (int i = application.Blocks.Blocks.Count - 1; i >= 0; i--)
        {
            Block block = application.Blocks.Blocks[i];
            elapsed += (random.Between(1, options.ComputeMax) + (options.SliceInstants * range.Range.Count)) * compute.Slowness;
            compute.BusyUntil = now + elapsed;
            Answer(machine, compute, generation, elapsed, () => new BlockGradientReady(
                range.Epoch, range.Step, range.Range, block.Id, pool.RentCopy(gradient.AsSpan((int)block.Offset, block.Length)), sums));
        }

        // An instant is a microsecond: only ratios matter.
        Answer(machine, compute, generation, elapsed, () => new RangeMeasured(range.Epoch, range.Step, range.Range, elapsed));
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
