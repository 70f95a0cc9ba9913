using Akka.Actor;
using Akka.Configuration;
using DistTrain.Hosting;
using DistTrain.Protocol;
using AkkaTestKit = Akka.TestKit.Xunit2.TestKit;

namespace DistTrain.Cluster.Tests;

public sealed class NodeActorTests() : AkkaTestKit(ConfigurationFactory.ParseString(Settings))
{
    private static readonly string Settings = ClusterSettings.Of("server, worker", Path.GetTempPath()) + "\nakka.loglevel = OFF\n";

    private readonly TaskCompletionSource<string> refused = new();

    [Fact]
    public void A_node_tells_what_it_is_before_it_is_asked()
    {
        Start();

        NodeReported report = ExpectMsg<NodeReported>();

        Assert.Equal(("node-1", "", true, true, false), (report.Node, report.Run, report.HostsServers, report.HostsWorkers, report.IsLeaving));
    }

    [Fact]
    public void It_hosts_what_the_orders_name_and_says_so_with_its_address()
    {
        IActorRef node = Start();

        node.Tell(Orders(1, MachineId.Server(4)));

        NodeReported report = Fish(report => report.Machines.Count > 0);
        Assert.Equal([MachineId.Server(4)], report.Machines);
        Assert.Equal(("run", 2, new OrderNumber(1, 1)), (report.Run, report.Lane, report.Order));
        Assert.NotEmpty(report.Addresses);
    }

    [Fact]
    public void Older_orders_are_not_followed_and_those_of_a_later_singleton_are()
    {
        IActorRef node = Start();
        node.Tell(Orders(5, MachineId.Server(4)));
        node.Tell(Orders(4, MachineId.Server(3)));
        Fish(report => report.Machines.SequenceEqual([MachineId.Server(4)]));

        node.Tell(Orders(1, MachineId.Server(4), MachineId.Server(7)) with { Order = new OrderNumber(2, 1), Store = 9 });

        Fish(report => report.Machines.SequenceEqual([MachineId.Server(4), MachineId.Server(7)]));
    }

    [Fact]
    public void A_machine_that_throws_is_told_as_ended_until_the_orders_drop_it_and_never_starts_again_under_its_number()
    {
        IActorRef node = Start();
        node.Tell(Orders(1, MachineId.Server(4)));
        Fish(report => report.Machines.Count > 0);

        node.Tell(new MachineCrashed(MachineId.Server(4), new InvalidOperationException("a defect")));
        NodeReported report = Fish(report => report.Ended.Count > 0);
        node.Tell(Orders(2, MachineId.Server(4)));
        NodeReported again = Fish(report => report.Order.Number == 2);
        node.Tell(Orders(3, MachineId.Server(5)));
        NodeReported after = Fish(report => report.Order.Number == 3);

        Assert.Equal(new MachineEnd(MachineId.Server(4), MachineEndKind.Crashed, "a defect"), Assert.Single(report.Ended));
        Assert.Empty(again.Machines);
        Assert.Single(again.Ended);
        Assert.Equal([MachineId.Server(5)], after.Machines);
        Assert.Empty(after.Ended);
    }

    [Fact]
    public void A_run_that_is_over_is_let_go()
    {
        IActorRef node = Start();
        node.Tell(Orders(1, MachineId.Server(4)));
        Fish(report => report.Machines.Count > 0);

        node.Tell(new DirectNode { Order = new OrderNumber(1, 2), Run = "" });

        NodeReported report = Fish(report => report.Run.Length == 0);
        Assert.Empty(report.Machines);
        Assert.Empty(report.Addresses);
    }

    [Fact]
    public void Without_machines_a_node_may_leave_at_once_and_its_reports_say_that_it_does()
    {
        IActorRef node = Start();
        ExpectMsg<NodeReported>();

        node.Tell(NodeActor.LeavePolitely.Instance, TestActor);

        FishForMessage(message => message is NodeActor.Left);
        Fish(report => report.IsLeaving);
    }

    [Fact]
    public void A_refusal_is_handed_on_to_whoever_started_the_node()
    {
        Start().Tell(new NodeRefused("another build"));

        AwaitAssert(() => Assert.Equal("another build", refused.Task.IsCompleted ? refused.Task.Result : null));
    }

    private static DirectNode Orders(long number, params MachineId[] machines) => new()
    {
        Order = new OrderNumber(1, number),
        Run = "run",
        Lane = 2,
        Machines = machines,
        Setup = SmallJob.Setup([]),
        Store = 1,
        Coordinator = "akka.tcp://disttrain@127.0.0.1:1/user/nobody",
        Directory = [new NodeEntry(2, [], machines)],
    };

    private IActorRef Start() =>
        Sys.ActorOf(NodeActor.Props(NodeSettings.Of(ConfigurationFactory.ParseString(Settings)), TestActor, "node-1", "", reason => refused.TrySetResult(reason)));

    private NodeReported Fish(Predicate<NodeReported> condition) =>
        (NodeReported)FishForMessage(message => message is NodeReported report && condition(report), TimeSpan.FromSeconds(20));
}
