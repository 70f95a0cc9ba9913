using Akka.Actor;
using Akka.Configuration;
using DistTrain.Protocol;
using AkkaTestKit = Akka.TestKit.Xunit2.TestKit;

namespace DistTrain.Cluster.Tests;

public sealed class MachineActorTests() : AkkaTestKit(ConfigurationFactory.ParseString(NodeConfiguration.Read(ClusterSettings.Shipped("common.conf")) + "\nakka.remote.dot-netty.tcp.port = 0\nakka.loglevel = OFF\n"))
{
    private readonly Recorder machine = new();

    [Fact]
    public void A_machine_is_told_that_it_started_before_anything_else()
    {
        IActorRef actor = Start();
        actor.Tell(new MachineActor.Delivery(new LeaveRequested()));

        Assert.Equal(new MachineStarted(0), ExpectMsg<Input>());
        ExpectMsg<LeaveRequested>();
    }

    [Fact]
    public void What_it_asks_for_is_performed_in_its_order()
    {
        machine.Answers = [new Report(new MemberJoined(MachineId.Worker(1))), new CancelComputations(new RunEpoch(1)), new Leave("done", null)];
        IActorRef actor = Start();

        actor.Tell(new MachineActor.Delivery(new LeaveRequested()));

        Assert.Equal(machine.Answers, FishForLeave());
    }

    [Fact]
    public void Buffers_of_an_input_are_borrowed_for_its_step()
    {
        var pool = new BlockPool();
        BlockBuffer buffer = pool.RentCopy([1, 2]);
        IActorRef actor = Start();

        actor.Tell(new MachineActor.Delivery(new MessageArrived(MachineId.Worker(1), new BlockPublished(new RunEpoch(1), new BlockId(0), new WeightVersion(1), buffer)), buffer));
        FishForMessage<Input>(input => input is MessageArrived);

        // Given back: nobody else may hold it any more.
        AwaitAssert(() => Assert.Throws<InvalidOperationException>(() => buffer.Retain()));
    }

    [Fact]
    public void Mail_for_another_machine_is_not_its_own()
    {
        IActorRef actor = Start();
        actor.Tell(new MachineMail(MachineId.Coordinator, MachineId.Worker(9), new CollectBlocks(new RunEpoch(1))));
        actor.Tell(new MachineMail(MachineId.Coordinator, machine.Id, new CollectBlocks(new RunEpoch(2))));

        MessageArrived arrived = (MessageArrived)FishForMessage<Input>(input => input is MessageArrived);

        Assert.Equal(new RunEpoch(2), arrived.Message.Epoch);
    }

    [Fact]
    public void Ticks_that_waited_are_one_and_time_never_goes_back()
    {
        var clock = new Clock();
        IActorRef actor = Start(clock);
        ExpectMsg<MachineStarted>();
        clock.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 5; i++)
        {
            actor.Tell(MachineActor.TimePassed.Instance);
        }

        actor.Tell(new MachineActor.Delivery(new LeaveRequested()));

        Assert.Equal(new Ticked(20), ExpectMsg<Input>());
        ExpectMsg<LeaveRequested>();
    }

    [Fact]
    public void A_process_that_stood_still_for_long_has_not_waited_so_long_for_anybody()
    {
        var clock = new Clock();
        IActorRef actor = Start(clock);
        ExpectMsg<MachineStarted>();
        clock.Advance(TimeSpan.FromMinutes(10));
        actor.Tell(MachineActor.TimePassed.Instance);
        Assert.Equal(new Ticked(20), ExpectMsg<Input>());

        // And then time goes on as before, with what was left of the last tick.
        clock.Advance(TimeSpan.FromMilliseconds(80));
        actor.Tell(MachineActor.TimePassed.Instance);
        Assert.Equal(new Ticked(21), ExpectMsg<Input>());
        clock.Advance(TimeSpan.FromMilliseconds(20));
        actor.Tell(MachineActor.TimePassed.Instance);
        Assert.Equal(new Ticked(22), ExpectMsg<Input>());
    }

    [Fact]
    public void A_machine_that_throws_is_over_and_its_host_is_told_why()
    {
        machine.Throws = true;
        IActorRef actor = Watch(Start());

        actor.Tell(new MachineActor.Delivery(new LeaveRequested()));

        MachineCrashed crashed = (MachineCrashed)FishForMessage(message => message is MachineCrashed);
        Assert.Equal((machine.Id, "a defect"), (crashed.Machine, crashed.Cause.Message));
        FishForMessage(message => message is Terminated);
    }

    /// <summary>Effects and inputs come to the test's own actor, which is also the host.</summary>
    private IActorRef Start(TimeProvider? time = null)
    {
        IActorRef probe = TestActor;
        machine.Seen = input => probe.Tell(input);
        Props props = MachineActor.Props(machine, (_, effect) => probe.Tell(effect), time ?? new Clock());
        return ActorOfAsTestActorRef<Host>(Props.Create(() => new Host(props, probe))).UnderlyingActor.Child;
    }

    private List<Effect> FishForLeave()
    {
        var effects = new List<Effect>();
        while (effects.Count == 0 || effects[^1] is not Leave)
        {
            effects.Add((Effect)FishForMessage(message => message is Effect));
        }

        return effects;
    }

    private sealed class Host : UntypedActor
    {
        private readonly IActorRef probe;

        public Host(Props props, IActorRef probe)
        {
            this.probe = probe;
            Child = Context.ActorOf(props);
        }

        public IActorRef Child { get; }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

        protected override void OnReceive(object message) => probe.Tell(message);
    }

    private sealed class Recorder : IMachine
    {
        public MachineId Id => MachineId.Server(3);

        public bool HasEnded => false;

        public bool Throws { get; set; }

        public Action<Input> Seen { get; set; } = _ => { };

        public IReadOnlyList<Effect> Answers { get; set; } = [];

        public void Step(Input input, Outbox outbox)
        {
            Seen(input);
            if (input is not LeaveRequested)
            {
                return;
            }

            foreach (Effect answer in Answers)
            {
                outbox.Add(answer);
            }

            if (Throws)
            {
                throw new InvalidOperationException("a defect");
            }
        }
    }

    private sealed class Clock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref ticks);

        public void Advance(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);
    }
}
