using DistTrain.Hosting;
using DistTrain.Protocol;
using MessagePack;

namespace DistTrain.Cluster;

/// <content>What nodes and the singleton say to each other.</content>
internal static partial class EnvelopeCodec
{
    private const int ReportFields = 19;
    private const int OrderFields = 8;

    private static void Write(ref MessagePackWriter writer, NodeReported reported)
    {
        writer.WriteArrayHeader(ReportFields);
        writer.Write(reported.Node);
        writer.Write(reported.WireVersion);
        writer.Write(reported.NumericsVersion);
        writer.Write(reported.Number);
        writer.Write(reported.Proof);
        writer.Write(reported.Storage);
        writer.Write(reported.HostsServers);
        writer.Write(reported.HostsWorkers);
        writer.Write(reported.IsLeaving);
        writer.Write(reported.Threads);
        writer.Write(reported.ProcessId);
        writer.Write(reported.Run);
        writer.Write(reported.Lane);
        Write(ref writer, reported.Addresses);
        Write(ref writer, reported.Order);
        Write(ref writer, reported.Machines);
        writer.WriteArrayHeader(reported.Ended.Count);
        foreach (MachineEnd end in reported.Ended)
        {
            writer.WriteArrayHeader(3);
            Write(ref writer, end.Machine);
            writer.Write((int)end.Kind);
            writer.Write(end.Reason);
        }

        writer.WriteArrayHeader(2);
        writer.Write(reported.BytesSent);
        writer.Write(reported.BytesReceived);
        writer.WriteArrayHeader(4);
        writer.Write(reported.Times.Steps);
        writer.Write(reported.Times.Wait.Ticks);
        writer.Write(reported.Times.Compute.Ticks);
        writer.Write(reported.Times.Push.Ticks);
    }

    /// <summary>Another version's report may have other fields behind the first three: those are what it is refused by.</summary>
    private static NodeReported ReadNodeReported(ref MessagePackReader reader)
    {
        int fields = reader.ReadArrayHeader();
        (string node, int wire, int numerics) = (Text(ref reader), reader.ReadInt32(), reader.ReadInt32());
        if (wire != ProtocolLimits.WireVersion || fields != ReportFields)
        {
            for (int i = 3; i < fields; i++)
            {
                reader.Skip();
            }

            return Stranger(node, wire, numerics);
        }

        var reported = new NodeReported
        {
            Node = node,
            WireVersion = wire,
            NumericsVersion = numerics,
            Number = reader.ReadInt64(),
            Proof = Bytes(ref reader),
            Storage = Text(ref reader),
            HostsServers = reader.ReadBoolean(),
            HostsWorkers = reader.ReadBoolean(),
            IsLeaving = reader.ReadBoolean(),
            Threads = reader.ReadInt32(),
            ProcessId = reader.ReadInt32(),
            Run = Text(ref reader),
            Lane = reader.ReadInt32(),
            Addresses = List(ref reader, Text),
            Order = ReadOrder(ref reader),
            Machines = List(ref reader, ReadMachine),
            Ended = List(ref reader, ReadEnd),
        };
        Fields(ref reader, 2);
        reported = reported with { BytesSent = reader.ReadInt64(), BytesReceived = reader.ReadInt64() };
        Fields(ref reader, 4);
        return reported with
        {
            Times = new WorkerTimes(
                reader.ReadInt64(), TimeSpan.FromTicks(reader.ReadInt64()), TimeSpan.FromTicks(reader.ReadInt64()), TimeSpan.FromTicks(reader.ReadInt64())),
        };
    }

    private static NodeReported Stranger(string node, int wire, int numerics) => new()
    {
        Node = node,
        WireVersion = wire,
        NumericsVersion = numerics,
        Number = 0,
        Proof = [],
        Storage = "",
        HostsServers = false,
        HostsWorkers = false,
        IsLeaving = false,
        Threads = 0,
        ProcessId = 0,
    };

    private static MachineEnd ReadEnd(ref MessagePackReader reader)
    {
        Fields(ref reader, 3);
        MachineId machine = ReadMachine(ref reader);
        int kind = reader.ReadInt32();
        return kind is >= 0 and <= (int)MachineEndKind.Unfit
            ? new MachineEnd(machine, (MachineEndKind)kind, Text(ref reader))
            : throw new InvalidDataException($"an end of kind {kind}");
    }

    private static void Write(ref MessagePackWriter writer, OrderNumber order)
    {
        writer.WriteArrayHeader(2);
        writer.Write(order.Authority);
        writer.Write(order.Number);
    }

    private static OrderNumber ReadOrder(ref MessagePackReader reader)
    {
        Fields(ref reader, 2);
        return new OrderNumber(reader.ReadInt64(), reader.ReadInt64());
    }

    private static void Write(ref MessagePackWriter writer, DirectNode direct)
    {
        writer.WriteArrayHeader(OrderFields);
        Write(ref writer, direct.Order);
        writer.Write(direct.Run);
        writer.Write(direct.Lane);
        Write(ref writer, direct.Machines);
        if (direct.Setup is { } setup)
        {
            Json(ref writer, setup);
        }
        else
        {
            writer.WriteNil();
        }

        writer.Write(direct.Store);
        writer.Write(direct.Coordinator);
        writer.WriteArrayHeader(direct.Directory.Count);
        foreach (NodeEntry entry in direct.Directory)
        {
            writer.WriteArrayHeader(3);
            writer.Write(entry.Node);
            Write(ref writer, entry.Addresses);
            Write(ref writer, entry.Machines);
        }
    }

    private static DirectNode ReadDirectNode(ref MessagePackReader reader)
    {
        Fields(ref reader, OrderFields);
        return new DirectNode
        {
            Order = ReadOrder(ref reader),
            Run = Text(ref reader),
            Lane = reader.ReadInt32(),
            Machines = List(ref reader, ReadMachine),
            Setup = reader.TryReadNil() ? null : Json<NodeSetup>(ref reader),
            Store = reader.ReadInt32(),
            Coordinator = Text(ref reader),
            Directory = List(ref reader, ReadEntryOfDirectory),
        };
    }

    private static NodeEntry ReadEntryOfDirectory(ref MessagePackReader reader)
    {
        Fields(ref reader, 3);
        return new NodeEntry(reader.ReadInt32(), List(ref reader, Text), List(ref reader, ReadMachine));
    }
}
