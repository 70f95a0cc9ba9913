using Akka.Actor;
using DistTrain.Hosting;
using DistTrain.Protocol;

namespace DistTrain.Cluster;

/// <summary>
/// One machine with its mailbox, on a dispatcher of machines: takes an input, steps the machine, performs what it asks for, in order.
/// Decides nothing. A machine that throws is over: its state may be wrong, so another one takes its place under a new number.
/// </summary>
internal sealed class MachineActor : UntypedActor, IWithTimers
{
    /// <summary>
    /// Ticks that one look at the clock may count: a second's. Beyond it this process stood still (a suspended host, a container that was
    /// paused), and so did all that it could have heard of others: a deadline of theirs must not end because of that.
    /// </summary>
    private const int TicksAtOnceMax = HostClock.MeasureTicks;

    private readonly IMachine machine;
    private readonly Action<MachineId, Effect> perform;
    private readonly Action? performed;
    private readonly TimeProvider time;
    private readonly Outbox outbox = new();
    private long tick;

    // Time until here is counted in ticks.
    private long counted;

    /// <param name="machine">Not shared with anybody.</param>
    /// <param name="perform">Performs an effect and releases it, at once or later; on this actor's thread.</param>
    /// <param name="performed">Called when all that a step asked for is performed; null: nobody asks.</param>
    /// <param name="time">Says how many ticks have passed.</param>
    public MachineActor(IMachine machine, Action<MachineId, Effect> perform, Action? performed, TimeProvider time)
    {
        this.performed = performed;
        this.machine = machine;
        this.perform = perform;
        this.time = time;
        counted = time.GetTimestamp();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IMachine machine, Action<MachineId, Effect> perform, TimeProvider? time = null, Action? performed = null) =>
        Akka.Actor.Props.Create(() => new MachineActor(machine, perform, performed, time ?? TimeProvider.System)).WithDispatcher(ClusterDispatchers.Machines);

    /// <summary>
    /// Name of a machine's actor: unique on its node over runs and restarts. Akka.NET remembers who a path without a number meant, also when
    /// he is gone: a name that is used again gets nothing from other nodes.
    /// </summary>
    public static string NameOf(MachineId machine, int lane, string run) =>
        FormattableString.Invariant($"{machine.Role.ToString().ToLowerInvariant()}-{machine.Number}.{lane}.{MemberName.OnLanes(lane, run).Run}");

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(TimePassed), TimePassed.Instance, HostClock.Tick);
        Step(new MachineStarted(tick));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Delivery delivery:
                Take(delivery);
                break;
            case MachineMail mail when mail.To == machine.Id:
                Step(new MessageArrived(mail.From, mail.Message));
                break;
            case TimePassed:
                CountTicks();

                break;
            case Look look:
                look.At(machine);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Ticks that waited in the mailbox are one.</summary>
    private void CountTicks()
    {
        long now = time.GetTimestamp();
        long passed = (long)(time.GetElapsedTime(counted, now) / HostClock.Tick);
        if (passed > 0)
        {
            counted = passed > TicksAtOnceMax ? now : counted + (long)(passed * HostClock.Tick.TotalSeconds * time.TimestampFrequency);
            tick += Math.Min(passed, TicksAtOnceMax);
            Step(new Ticked(tick));
        }
    }

    private void Take(Delivery delivery)
    {
        try
        {
            Step(delivery.Input);
        }
        finally
        {
            delivery.First?.Release();
            delivery.Second?.Release();
        }
    }

    private void Step(Input input)
    {
        try
        {
            machine.Step(input, outbox);
            foreach (Effect effect in outbox.Effects)
            {
                perform(machine.Id, effect);
            }

            outbox.Clear();
            performed?.Invoke();
        }
        catch (Exception exception)
        {
            Context.Parent.Tell(new MachineCrashed(machine.Id, exception));
            throw;
        }
    }

    /// <summary>An input from this process.</summary>
    /// <param name="Input">The input.</param>
    /// <param name="First">A reference to a buffer of the input, released after the machine's Step.</param>
    /// <param name="Second">Likewise.</param>
    internal sealed record Delivery(Input Input, BlockBuffer? First = null, BlockBuffer? Second = null) : INoSerializationVerificationNeeded;

    /// <summary>Looks at the machine between two of its steps.</summary>
    internal sealed record Look(Action<IMachine> At) : INoSerializationVerificationNeeded;

    internal sealed record TimePassed
    {
        public static readonly TimePassed Instance = new();
    }
}

/// <summary>A machine, or its computations, threw: told to the actor that hosts it.</summary>
internal sealed record MachineCrashed(MachineId Machine, Exception Cause) : INoSerializationVerificationNeeded;
