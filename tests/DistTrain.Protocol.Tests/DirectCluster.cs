using System.Buffers;

namespace DistTrain.Protocol.Tests;

/// <summary>The shortest host: one queue, nothing lost, every message through the codec, every buffer poisoned after its last release.</summary>
internal sealed partial class DirectCluster
{
    private readonly LinearJob job;
    private readonly Queue<(IMachine Machine, Input Input)> queue = new();
    private readonly SortedDictionary<MachineId, IMachine> machines = [];
    private readonly Dictionary<MachineId, DirectCompute> computes = [];
    private readonly Outbox outbox = new();
    private long tick;

    public DirectCluster(LinearJob job, ProtocolOptions options, RunStart? start = null)
    {
        this.job = job;
        Options = options;
        Coordinator = new CoordinatorMachine(job.Run, job.Blocks, options, Identity, start ?? RunStart.New);
        Add(Coordinator);
        Enumerable.Range(0, options.Servers).ToList().ForEach(AddServer);
        Enumerable.Range(0, options.Workers).ToList().ForEach(AddWorker);
    }

    public static RunIdentity Identity { get; } = RunIdentity.Of("job", "data");

    public ProtocolOptions Options { get; }

    public BlockPool Pool { get; } = new(poison: true);

    public CoordinatorMachine Coordinator { get; private set; }

    public List<RunEvent> Events { get; } = [];

    /// <summary>Every range that was computed, by whom.</summary>
    public List<(MachineId Worker, ComputeRange Range)> Computed { get; } = [];

    public List<MachineId> Left { get; } = [];

    /// <summary>Every checkpoint stored, by version: weights and slots of each block.</summary>
    public Dictionary<(WeightVersion Version, BlockId Block), (float[] Weights, float[] Slots)> Store { get; init; } = [];

    public Dictionary<WeightVersion, CommitManifest> Manifests { get; init; } = [];

    /// <summary>What becomes of a manifest; null: no answer for now.</summary>
    public Func<CommitManifest, Input?> Disk { get; set; } = commit => new ManifestCommitted(commit.Epoch, commit.Version);

    /// <summary>Called with each message before it is delivered; false loses it.</summary>
    public Func<MachineId, Message, bool> Delivers { get; set; } = (_, _) => true;

    /// <summary>Whether a worker's compute port gets on with a request now.</summary>
    public Func<MachineId, Effect, bool> Computes { get; set; } = (_, _) => true;

    /// <summary>Time so far.</summary>
    public long Ticks => tick;

    /// <summary>May change the floats of a message on its way.</summary>
    public Action<MachineId, Message> Spoils { get; set; } = (_, _) => { };

    public float[] WeightsAt(WeightVersion version) => [.. job.Blocks.Blocks.SelectMany(block => Store[(version, block.Id)].Weights)];

    public void AddServer(int number) =>
        Add(new ServerMachine(MachineId.Server(number), job.Run, job.Blocks, Options, Identity, job, Pool));

    /// <summary>The coordinator dies with all it knows; its successor begins with the newest checkpoint there is.</summary>
    public void SucceedCoordinator(int term)
    {
        machines.Remove(MachineId.Coordinator);
        CommitManifest? newest = Manifests.Values.MaxBy(manifest => manifest.Version);
        RunStart start = newest is null ? RunStart.New : new RunStart(
            newest.Version, newest.Totals, newest.Steering, Enumerable.Range(0, (int)newest.Version.Value).Sum(step => job.Run.RowsOf(new StepNumber(step))));
        Coordinator = new CoordinatorMachine(job.Run, job.Blocks, Options, Identity, start, term);
        Add(Coordinator);
    }

    public void AddWorker(int number) =>
        Add(new WorkerMachine(MachineId.Worker(number), job.Run, job.Blocks, Options, Identity));

    public void Kill(MachineId machine)
    {
        machines.Remove(machine);
        Tell(MachineId.Coordinator, new MemberLost(machine, "killed by the test"));
    }

    public void Tell(MachineId machine, Input input) => queue.Enqueue((machines[machine], input));

    /// <summary>Runs until the coordinator has left, or <paramref name="until"/> holds.</summary>
    public void Run(Func<bool>? until = null)
    {
        const int StepsMax = 2_000_000;
        for (int i = 0; i < StepsMax; i++)
        {
            if (Coordinator.HasEnded || until?.Invoke() == true)
            {
                return;
            }

            if (queue.TryDequeue(out (IMachine Machine, Input Input) next))
            {
                StepOnce(next.Machine, next.Input);
            }
            else
            {
                tick++;
                foreach (IMachine machine in machines.Values)
                {
                    queue.Enqueue((machine, new Ticked(tick)));
                }
            }
        }

        throw new InvalidOperationException($"No end after {StepsMax} inputs: {Coordinator.Status}");
    }

    /// <summary>Gives back what is still on its way when everybody has left.</summary>
    public void Drain()
    {
        while (queue.TryDequeue(out (IMachine Machine, Input Input) next))
        {
            ReleaseBuffers(next.Input);
        }
    }

    private void Add(IMachine machine)
    {
        machines.Add(machine.Id, machine);
        if (machine is WorkerMachine)
        {
            computes.Add(machine.Id, new DirectCompute());
        }

        queue.Enqueue((machine, new MachineStarted(tick)));
    }

    private void StepOnce(IMachine machine, Input input)
    {
        if (!machines.ContainsValue(machine))
        {
            ReleaseBuffers(input);
            return;
        }

        machine.Step(input, outbox);
        ReleaseBuffers(input);
        foreach (Effect effect in outbox.Effects)
        {
            Perform(machine, effect);
            effect.Release();
        }

        outbox.Clear();
        if (machine is WorkerMachine)
        {
            ComputeNext(machine, computes[machine.Id]);
        }
    }

    private static void ReleaseBuffers(Input input)
    {
        BlockLoaded? loaded = input as BlockLoaded;
        (loaded?.Weights ?? (input as MessageArrived)?.Message.Payload ?? (input as BlockGradientReady)?.Gradient)?.Release();
        loaded?.Slots.Release();
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
                Load(machine, load);
                break;
            case StoreShard store:
                foreach (StoredBlock block in store.Blocks)
                {
                    Store[(store.Version, block.Block)] = (block.Weights.Span.ToArray(), block.Slots.Span.ToArray());
                }

                queue.Enqueue((machine, new ShardStored(store.Epoch, store.Version, $"shard of {machine.Id}")));
                break;
            case CommitManifest commit:
                if (Disk(commit) is { } answer)
                {
                    if (answer is ManifestCommitted)
                    {
                        Manifests[commit.Version] = commit;
                    }

                    queue.Enqueue((machine, answer));
                }

                break;
            case Leave:
                Left.Add(machine.Id);
                if (computes.TryGetValue(machine.Id, out DirectCompute? compute))
                {
                    compute.Take(new BeginEpoch(default));
                }

                break;
            default:
                computes[machine.Id].Take(effect);
                break;
        }
    }

    private void Deliver(MachineId from, Send send)
    {
        if (machines.TryGetValue(send.To, out IMachine? to) && Delivers(send.To, send.Message))
        {
            var bytes = new ArrayBufferWriter<byte>();
            MessageCodec.Encode(send.Message, bytes);
            Message message = MessageCodec.Decode(bytes.WrittenSpan, Pool);
            Spoils(from, message);
            queue.Enqueue((to, new MessageArrived(from, message)));
        }
    }

    private void Load(IMachine machine, LoadBlocks load)
    {
        foreach (BlockId id in load.Blocks)
        {
            Block block = job.Blocks[id];
            bool stored = Store.TryGetValue((load.Version, id), out (float[] Weights, float[] Slots) found);
            float[] weights = stored ? found.Weights : job.InitialWeights[(int)block.Offset..((int)block.Offset + block.Length)];
            queue.Enqueue((machine, new BlockLoaded(load.Epoch, id, Pool.RentCopy(weights), Pool.RentCopy(stored ? found.Slots : new float[block.Length]))));
        }
    }

    private void ComputeNext(IMachine machine, DirectCompute compute)
    {
        while (compute.Requests.TryPeek(out Effect? request) && Computes(machine.Id, request))
        {
            WeightVersion version = request is ComputeRange range ? range.Step.Before : ((ComputeEvaluation)request).Version;
            if (compute.Gather(version, job.Blocks) is not { } weights)
            {
                return;
            }

            compute.Requests.Dequeue();
            if (request is ComputeRange step)
            {
                Computed.Add((machine.Id, step));
                float[] gradient = new float[weights.Length];
                RangeStatistics statistics = job.Compute(step.Step, step.Range, weights, gradient);
                foreach (Block block in job.Blocks.Blocks.Reverse())
                {
                    BlockBuffer buffer = Pool.RentCopy(gradient.AsSpan((int)block.Offset, block.Length));
                    queue.Enqueue((machine, new BlockGradientReady(step.Epoch, step.Step, step.Range, block.Id, buffer, statistics)));
                }
            }
            else if (request is ComputeEvaluation evaluation)
            {
                queue.Enqueue((machine, new EvaluationComputed(evaluation.Epoch, version, evaluation.Batch, job.Evaluate(evaluation.Batch, weights))));
            }
        }
    }
}
