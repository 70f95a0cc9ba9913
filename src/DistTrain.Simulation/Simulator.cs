using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>
/// Runs the real machines and their codec on one thread in virtual time, with faults drawn from a seed. A machine's memory is
/// its own: every message is encoded when it is sent and decoded when it arrives, and every buffer is poisoned at its last release.
/// </summary>
public sealed partial class Simulator
{
    private readonly ISimulatedApplication application;
    private readonly SimulationOptions options;
    private readonly ulong seed;
    private readonly SimulationRandom random;
    private readonly RunIdentity identity = RunIdentity.Of("simulated job", "simulated data");
    private readonly BlockPool pool = new(poison: true);
    private readonly PriorityQueue<Action, (long Instant, long Sequence)> agenda = new();
    private readonly Dictionary<MachineId, IMachine> machines = [];
    private readonly Dictionary<MachineId, SimulatedCompute> computes = [];
    private readonly List<RunEvent> runEvents = [];
    private readonly Outbox outbox = new();
    private readonly InvariantChecker checker;
    private readonly FaultInjector faults;
    private readonly SimulatedNetwork network;
    private readonly ArrayBufferWriter<byte> wire = new();
    private readonly SimulatedStorage storage;
    private readonly TraceLog trace;
    private CoordinatorMachine coordinator;
    private long now;
    private long sequence;
    private long events;
    private int nextNumber;

    private Simulator(ISimulatedApplication application, SimulationOptions options, ulong seed, TraceLog trace)
    {
        this.application = application;
        this.options = options;
        this.seed = seed;
        random = new SimulationRandom(seed);
        this.trace = trace;
        checker = new InvariantChecker(application.Run, application.Blocks);
        faults = new FaultInjector(options, application.Run, random);
        network = new SimulatedNetwork(options, application.Blocks, random, faults);
        storage = options.Storage ?? new SimulatedStorage();
        coordinator = new CoordinatorMachine(application.Run, application.Blocks, options.Protocol, identity, options.Start);
        Add(coordinator);
        for (int i = 0; i < options.Protocol.Servers; i++)
        {
            AddServer();
        }

        for (int i = 0; i < options.Protocol.Workers; i++)
        {
            AddWorker();
        }

        foreach (ScriptedFault fault in options.Script)
        {
            After(fault.Instant, () => Begin(fault));
        }
    }

    /// <summary>Simulates one run to its end.</summary>
    /// <param name="application">What trains.</param>
    /// <param name="options">What happens to it.</param>
    /// <param name="seed">Decides everything the options leave open.</param>
    /// <param name="listener">Told every event in words, or null.</param>
    /// <exception cref="SimulationFailedException">An invariant broke, a machine threw, the run failed, or it hung.</exception>
    public static SimulationResult Run(ISimulatedApplication application, SimulationOptions options, ulong seed, Action<string>? listener = null)
    {
        using var trace = new TraceLog(listener);
        var simulator = new Simulator(application, options, seed, trace);
        try
        {
            return simulator.Run();
        }
        catch (Exception cause) when (cause is not SimulationFailedException)
        {
            throw new SimulationFailedException(seed, simulator.events, cause.Message, trace.LastEvents, cause);
        }
    }

    private SimulationResult Run()
    {
        while (!coordinator.HasEnded)
        {
            if (events > options.EventsMax)
            {
                throw new InvalidOperationException($"No end after {events} events. {coordinator.Status}");
            }

            agenda.TryDequeue(out Action? action, out (long Instant, long Sequence) key);
            now = key.Instant;
            action!();
        }

        if (runEvents.OfType<RunCompleted>().SingleOrDefault() is not { } completed)
        {
            throw new InvalidOperationException($"The run failed: {runEvents.OfType<RunFailed>().Single().Reason}");
        }

        float[] weights = FinalWeights(completed.Result);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(weights)));
        long ticks = now / options.InstantsPerTick;
        return new SimulationResult(seed, completed.Version, weights, sha256, trace.Sha256(), events, ticks, faults.Fired, runEvents, storage);
    }

    private float[] FinalWeights(WeightVersion version)
    {
        if (version.Value > 0 && !storage.Versions.Contains(version))
        {
            throw new InvalidOperationException($"Invariant broken: the run completed at {version}, of which there is no checkpoint.");
        }

        float[] weights = version.Value > 0 ? storage.WeightsAt(version, application.Blocks) : InitialWeights();
        if (application.ExpectedAt(version) is { } expected && !MemoryMarshal.AsBytes<float>(weights).SequenceEqual(MemoryMarshal.AsBytes<float>(expected)))
        {
            throw new InvalidOperationException($"Invariant broken: the weights at {version} are not those of the application's oracle.");
        }

        return weights;
    }

    private float[] InitialWeights()
    {
        float[] weights = new float[application.Blocks.Floats];
        foreach (Block block in application.Blocks.Blocks)
        {
            application.Initialize(block, weights.AsSpan((int)block.Offset, block.Length), new float[application.SlotFloats(block)]);
        }

        return weights;
    }

    /// <summary>Who lives, in order.</summary>
    private IEnumerable<MachineId> Ids => machines.Keys.Order();

    /// <summary>Gives an input to a machine, if it still lives, and performs what it answers.</summary>
    private void Step(IMachine machine, Input input, ReadOnlySpan<byte> bytes)
    {
        bool alive = machines.TryGetValue(machine.Id, out IMachine? known) && ReferenceEquals(known, machine);
        if (alive)
        {
            events++;
            trace.Add(now, machine.Id, input, bytes);
            checker.Check(machine.Id, input);
            machine.Step(input, outbox);
        }

        ReleaseBuffers(input);
        if (!alive)
        {
            return;
        }

        checker.CheckFence(machine.Id, input, outbox.Effects);
        foreach (Effect effect in outbox.Effects)
        {
            checker.Check(machine.Id, effect);
            Perform(machine, effect);
            effect.Release();
        }

        outbox.Clear();
        if (machine is WorkerMachine)
        {
            Compute(machine, computes[machine.Id]);
        }
    }

    private void After(int instants, Action action) => agenda.Enqueue(action, (now + instants, sequence++));

    private void AddServer()
    {
        var id = MachineId.Server(nextNumber++);
        var update = new ObservedUpdate(application.Update, id, checker);
        Add(new ServerMachine(id, application.Run, application.Blocks, options.Protocol, identity, update, pool));
    }

    private void AddWorker()
    {
        var worker = new WorkerMachine(MachineId.Worker(nextNumber++), application.Run, application.Blocks, options.Protocol, identity);
        bool isSlow = random.Chance(options.SlowPerMille);
        if (isSlow)
        {
            faults.Count(FaultKind.WorkerSlow);
        }

        computes.Add(worker.Id, new SimulatedCompute(application.Blocks, isSlow ? options.SlowFactor : 1));
        Add(worker);
    }

    /// <summary>Starts a machine with a clock of its own.</summary>
    private void Add(IMachine machine)
    {
        machines.Add(machine.Id, machine);
        int period = options.InstantsPerTick;
        long tick = 0;
        if (options.DriftPerMille > 0)
        {
            faults.Count(FaultKind.TickDrifted);
            int drift = random.Between(-options.DriftPerMille, options.DriftPerMille);
            period = Math.Max(1, period + (period * drift / 1000));
            tick = random.Below(1000);
        }

        After(1, () => Step(machine, new MachineStarted(tick), []));
        After(period, Tick);

        void Tick()
        {
            if (machines.TryGetValue(machine.Id, out IMachine? known) && ReferenceEquals(known, machine))
            {
                Step(machine, new Ticked(++tick), []);
                After(period, Tick);
            }
        }
    }

    private static void ReleaseBuffers(Input input)
    {
        switch (input)
        {
            case MessageArrived arrived:
                arrived.Message.Payload?.Release();
                break;
            case BlockGradientReady ready:
                ready.Gradient.Release();
                break;
            case BlockLoaded loaded:
                loaded.Weights.Release();
                loaded.Slots.Release();
                break;
        }
    }
}
