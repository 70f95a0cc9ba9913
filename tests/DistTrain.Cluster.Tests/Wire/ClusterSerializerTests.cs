using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Protocol.Tests;
using DistTrain.Tensors;
using MessagePack;
using MessagePack.Resolvers;

namespace DistTrain.Cluster.Tests;

public sealed class ClusterSerializerTests : IDisposable
{
    private static readonly MessagePackSerializerOptions Plain = MessagePackSerializerOptions.Standard.WithResolver(PrimitiveObjectResolver.Instance);

    private readonly BlockPool pool = new(poison: true);
    private readonly ActorSystem system = ActorSystem.Create(
        "serializer", ConfigurationFactory.ParseString(NodeConfiguration.Read(ClusterSettings.Shipped("common.conf")) + "\nakka.remote.dot-netty.tcp.port = 0\nakka.loglevel = ERROR\n"));

    private ClusterSerializer Serializer => (ClusterSerializer)system.Serialization.FindSerializerFor(new EndRun());

    [Fact]
    public void Every_message_of_the_cluster_comes_back_as_it_was()
    {
        List<IClusterMessage> examples = Examples();
        foreach (IClusterMessage message in examples)
        {
            byte[] bytes = Serializer.ToBinary(message);
            object back = Serializer.FromBinary(bytes, Serializer.Manifest(message));

            Assert.Equal(message.GetType(), back.GetType());
            Assert.Equal(bytes, Serializer.ToBinary(back));
        }

        // The list is complete, and no two kinds have one manifest.
        string[] all = [.. typeof(IClusterMessage).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IClusterMessage)) && type.IsClass).Select(type => type.Name).Order()];
        Assert.Equal(all, examples.Select(message => message.GetType().Name).Distinct().Order());
        Assert.Equal(all.Length, examples.Select(message => Serializer.Manifest(message)).Distinct().Count());
    }

    [Fact]
    public void Fields_of_a_report_survive_one_by_one()
    {
        NodeReported report = Report();
        var back = (NodeReported)Serializer.FromBinary(Serializer.ToBinary(report), Serializer.Manifest(report));

        Assert.Equal(report with { Addresses = [], Machines = [], Ended = [], Proof = [] }, back with { Addresses = [], Machines = [], Ended = [], Proof = [] });
        Assert.Equal(report.Addresses, back.Addresses);
        Assert.Equal(report.Machines, back.Machines);
        Assert.Equal(report.Ended, back.Ended);
        Assert.Equal(report.Proof, back.Proof);
    }

    [Fact]
    public void Every_message_of_the_protocol_is_read_by_the_MessagePack_library_to_its_last_byte()
    {
        foreach (Message message in MessageExamples.All(pool))
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            MessageCodec.Encode(message, output);

            var fields = (object[])MessagePackSerializer.Deserialize<object>(output.WrittenMemory, Plain, out int read);

            Assert.Equal(output.WrittenCount, read);
            Assert.Equal(message.Epoch.Value, Convert.ToInt32(fields[1]));
            if (message.Payload is { } payload)
            {
                Assert.Equal(payload.Span.ToArray(), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>((byte[])fields[^1]).ToArray());
            }
        }
    }

    [Fact]
    public void Every_message_of_the_cluster_is_read_by_the_MessagePack_library_to_its_last_byte()
    {
        foreach (IClusterMessage message in Examples())
        {
            byte[] bytes = Serializer.ToBinary(message);

            MessagePackSerializer.Deserialize<object>(bytes, Plain, out int read);

            Assert.Equal(bytes.Length, read);
        }
    }

    [Fact]
    public void What_machines_say_without_floats_travels_as_the_protocol_writes_it_and_floats_do_not()
    {
        int without = 0;
        foreach (Message message in MessageExamples.All(pool))
        {
            var mail = new MachineMail(MachineId.Coordinator, MachineId.Worker(70000), message);
            if (message.Payload is not null)
            {
                Assert.Throws<SerializationException>(() => Serializer.ToBinary(mail));
                continue;
            }

            without++;
            byte[] bytes = Serializer.ToBinary(mail);
            var back = (MachineMail)Serializer.FromBinary(bytes, ClusterSerializer.Mail);
            Assert.Equal((mail.From, mail.To, message.GetType()), (back.From, back.To, back.Message.GetType()));
            Assert.Equal(bytes, Serializer.ToBinary(back));
        }

        Assert.InRange(without, 10, int.MaxValue);
    }

    [Fact]
    public void Bytes_that_are_no_message_are_refused_whatever_they_are()
    {
        (byte[] Bytes, string Manifest)[] examples = [.. Examples().Select(message => (Serializer.ToBinary(message), Serializer.Manifest(message)))];
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 5_000; i++)
        {
            (byte[] original, string manifest) = examples[i % examples.Length];
            byte[] bytes = [.. original.AsSpan(0, random.Next(2) == 0 ? original.Length : random.Next(original.Length + 1))];
            for (int change = random.Next(3); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                Serializer.FromBinary(bytes, manifest);
            }
            catch (SerializationException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 500, 4_999);
        Assert.Throws<SerializationException>(() => Serializer.FromBinary([0x90], "System.Object, mscorlib"));
    }

    [Fact]
    public void Akkas_default_serializer_is_replaced_by_one_that_refuses_both_ways()
    {
        Akka.Serialization.Serializer found = system.Serialization.FindSerializerFor(new Uri("http://localhost"));

        Assert.IsType<RefusingSerializer>(found);
        Assert.Throws<SerializationException>(() => found.ToBinary(new Uri("http://localhost")));
        Assert.Throws<SerializationException>(() => system.Serialization.Deserialize("{\"$type\":\"System.Uri\"}"u8.ToArray(), 1, "System.Uri"));
        Assert.IsType<ClusterSerializer>(system.Serialization.FindSerializerForType(typeof(MachineMail)));
    }

    [Fact]
    public void The_report_of_another_version_is_read_as_far_as_to_refuse_it()
    {
        object[] other = ["akka.tcp://disttrain@a:1#2", ProtocolLimits.WireVersion + 1, Numerics.Version, "whatever", 5, new object[] { 1, 2 }];
        byte[] bytes = MessagePackSerializer.Serialize<object>(other, Plain);

        var read = (NodeReported)Serializer.FromBinary(bytes, "node");

        Assert.Equal(("akka.tcp://disttrain@a:1#2", ProtocolLimits.WireVersion + 1), (read.Node, read.WireVersion));
    }

    public void Dispose() => system.Terminate().Wait(TimeSpan.FromSeconds(10));

    private static NodeReported Report() => new()
    {
        Node = "akka.tcp://disttrain@127.0.0.1:4053#-7",
        WireVersion = ProtocolLimits.WireVersion,
        NumericsVersion = Numerics.Version,
        Number = 1L << 40,
        Proof = [1, 2, 3],
        Storage = "abc",
        HostsServers = true,
        HostsWorkers = false,
        IsLeaving = true,
        Threads = 7,
        ProcessId = 4711,
        Run = "20261121-cnn",
        Lane = 300,
        Addresses = ["127.0.0.1:4000", "[::1]:4001"],
        Order = new OrderNumber(2, 1L << 33),
        Machines = [MachineId.Server(70000)],
        Ended = [new MachineEnd(MachineId.Worker(1), MachineEndKind.Crashed, "Grund ä"), new MachineEnd(MachineId.Server(1), MachineEndKind.Left, "")],
        BytesSent = 1L << 50,
        BytesReceived = 3,
        Times = new WorkerTimes(5, TimeSpan.FromTicks(1), TimeSpan.FromTicks(2), TimeSpan.FromTicks(3)),
    };

    private static List<IClusterMessage> Examples() =>
    [
        new MachineMail(MachineId.Worker(3), MachineId.Coordinator, new CollectBlocks(new RunEpoch(3))),
        Report(),
        new DirectNode { Order = new OrderNumber(1, 2), Run = "" },
        new DirectNode
        {
            Order = new OrderNumber(1, 300),
            Run = "20261121-cnn",
            Lane = 2,
            Machines = [MachineId.Server(0), MachineId.Worker(1)],
            Setup = SmallJob.Setup([]),
            Store = 1,
            Coordinator = "akka.tcp://disttrain@127.0.0.1:4053/user/singleton/singleton/run-1/coordinator-1",
            Directory = [new NodeEntry(1, ["127.0.0.1:9"], [MachineId.Coordinator]), new NodeEntry(2, [], [])],
        },
        new NodeRefused("why"),
        new SubmitRun("version: 1\n"),
        new EndRun(),
        new RunTaken("20261121-cnn"),
        new RequestRefused("no", IsBadInput: true),
        new EventTold(1, 2, "{}"u8.ToArray()),
        new AskEvents(1L << 40),
        new EventsTold(3, [new EventTold(3, 1, [1]), new EventTold(3, 2, [])]),
        new ReportTold(3, 2, "{}"u8.ToArray()),
    ];
}
