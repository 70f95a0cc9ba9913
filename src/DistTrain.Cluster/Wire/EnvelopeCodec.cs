using System.Buffers;
using System.Text.Json;
using DistTrain.Hosting;
using DistTrain.Protocol;
using MessagePack;

namespace DistTrain.Cluster;

/// <summary>
/// The cluster's own messages in MessagePack, each an array of its fields. What grows with the hosts and is read by people too (a node's
/// setup, events, reports) is JSON in a binary field, as between processes of one host.
/// </summary>
internal static partial class EnvelopeCodec
{
    /// <summary>Entries of a list at most: machines, nodes, events.</summary>
    private const int ListMax = 1 << 16;

    public static void Write(ref MessagePackWriter writer, IClusterMessage message)
    {
        switch (message)
        {
            case NodeReported reported:
                Write(ref writer, reported);
                break;
            case DirectNode direct:
                Write(ref writer, direct);
                break;
            case NodeRefused refused:
                writer.WriteArrayHeader(1);
                writer.Write(refused.Reason);
                break;
            case SubmitRun submit:
                writer.WriteArrayHeader(1);
                writer.Write(submit.JobYaml);
                break;
            case EndRun:
                writer.WriteArrayHeader(0);
                break;
            case RunTaken taken:
                writer.WriteArrayHeader(1);
                writer.Write(taken.Run);
                break;
            case RequestRefused refused:
                writer.WriteArrayHeader(2);
                writer.Write(refused.Reason);
                writer.Write(refused.IsBadInput);
                break;
            case EventTold told:
                Write(ref writer, told);
                break;
            case AskEvents ask:
                writer.WriteArrayHeader(1);
                writer.Write(ask.After);
                break;
            case EventsTold told:
                writer.WriteArrayHeader(2);
                writer.Write(told.Authority);
                writer.WriteArrayHeader(told.Events.Count);
                foreach (EventTold each in told.Events)
                {
                    Write(ref writer, each);
                }

                break;
            case ReportTold told:
                writer.WriteArrayHeader(3);
                writer.Write(told.Authority);
                writer.Write(told.LastEvent);
                writer.Write(told.Report);
                break;
            default:
                throw new InvalidOperationException($"No wire form for {message.GetType().Name}.");
        }
    }

    public static IClusterMessage Read(ref MessagePackReader reader, string manifest)
    {
        switch (manifest)
        {
            case "node":
                return ReadNodeReported(ref reader);
            case "orders":
                return ReadDirectNode(ref reader);
            case "refused-node":
                Fields(ref reader, 1);
                return new NodeRefused(Text(ref reader));
            case "submit":
                Fields(ref reader, 1);
                return new SubmitRun(Text(ref reader));
            case "end":
                Fields(ref reader, 0);
                return new EndRun();
            case "taken":
                Fields(ref reader, 1);
                return new RunTaken(Text(ref reader));
            case "refused":
                Fields(ref reader, 2);
                return new RequestRefused(Text(ref reader), reader.ReadBoolean());
            case "event":
                return ReadEvent(ref reader);
            case "ask-events":
                Fields(ref reader, 1);
                return new AskEvents(reader.ReadInt64());
            case "events":
                Fields(ref reader, 2);
                long authority = reader.ReadInt64();
                return new EventsTold(authority, List(ref reader, ReadEvent));
            case "report":
                Fields(ref reader, 3);
                return new ReportTold(reader.ReadInt64(), reader.ReadInt64(), Bytes(ref reader));
            default:
                throw new InvalidDataException($"'{manifest}' is no kind of message");
        }
    }

    private static void Write(ref MessagePackWriter writer, EventTold told)
    {
        writer.WriteArrayHeader(3);
        writer.Write(told.Authority);
        writer.Write(told.Number);
        writer.Write(told.Event);
    }

    private static EventTold ReadEvent(ref MessagePackReader reader)
    {
        Fields(ref reader, 3);
        return new EventTold(reader.ReadInt64(), reader.ReadInt64(), Bytes(ref reader));
    }

    private delegate T ReadEntry<T>(ref MessagePackReader reader);

    private static void Fields(ref MessagePackReader reader, int expected)
    {
        int found = reader.ReadArrayHeader();
        if (found != expected)
        {
            throw new InvalidDataException($"{found} fields instead of {expected}");
        }
    }

    private static List<T> List<T>(ref MessagePackReader reader, ReadEntry<T> read)
    {
        int count = reader.ReadArrayHeader();
        if (count > ListMax)
        {
            throw new InvalidDataException($"a list of {count} entries; allowed are {ListMax}");
        }

        var list = new List<T>(count);
        for (int i = 0; i < count; i++)
        {
            list.Add(read(ref reader));
        }

        return list;
    }

    private static string Text(ref MessagePackReader reader) => reader.ReadString() ?? throw new InvalidDataException("nil in place of a text");

    private static byte[] Bytes(ref MessagePackReader reader) =>
        (reader.ReadBytes() ?? throw new InvalidDataException("nil in place of bytes")).ToArray();

    private static T Json<T>(ref MessagePackReader reader) =>
        JsonSerializer.Deserialize<T>(Bytes(ref reader), HostCodec.Options) ?? throw new InvalidDataException("null in place of JSON");

    private static void Json<T>(ref MessagePackWriter writer, T value) => writer.Write(JsonSerializer.SerializeToUtf8Bytes(value, HostCodec.Options));

    private static void Write(ref MessagePackWriter writer, MachineId machine)
    {
        writer.WriteArrayHeader(2);
        writer.Write((int)machine.Role);
        writer.Write(machine.Number);
    }

    private static MachineId ReadMachine(ref MessagePackReader reader)
    {
        Fields(ref reader, 2);
        (int role, int number) = (reader.ReadInt32(), reader.ReadInt32());
        return role is >= 0 and <= (int)MachineRole.Worker && number >= 0
            ? new MachineId((MachineRole)role, number)
            : throw new InvalidDataException($"a machine of role {role} with number {number}");
    }

    private static void Write(ref MessagePackWriter writer, IReadOnlyList<MachineId> machines)
    {
        writer.WriteArrayHeader(machines.Count);
        foreach (MachineId machine in machines)
        {
            Write(ref writer, machine);
        }
    }

    private static void Write(ref MessagePackWriter writer, IReadOnlyList<string> texts)
    {
        writer.WriteArrayHeader(texts.Count);
        foreach (string text in texts)
        {
            writer.Write(text);
        }
    }
}
