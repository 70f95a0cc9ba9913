using System.Buffers;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using DistTrain.Protocol;
using MessagePack;

namespace DistTrain.Cluster;

/// <summary>
/// The cluster's messages as bytes. What machines say is <see cref="MessageCodec"/>'s; all else is MessagePack, field by field. The
/// manifests are a closed list: no type is ever named by the bytes that come in.
/// </summary>
/// <remarks>Rejected: MessagePack's object resolvers. They would make the wire follow the shape of classes, and read into any of them.</remarks>
internal sealed class ClusterSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>In cluster-config/common.conf too.</summary>
    public const int Number = 7301;

    public const string Mail = "mail";

    public override int Identifier => Number;

    public override string Manifest(object o) => o switch
    {
        MachineMail => Mail,
        NodeReported => "node",
        DirectNode => "orders",
        NodeRefused => "refused-node",
        SubmitRun => "submit",
        EndRun => "end",
        RunTaken => "taken",
        RequestRefused => "refused",
        EventTold => "event",
        AskEvents => "ask-events",
        EventsTold => "events",
        ReportTold => "report",
        _ => throw new SerializationException($"{o.GetType()} is no message of the cluster."),
    };

    public override byte[] ToBinary(object obj)
    {
        var output = new ArrayBufferWriter<byte>();
        if (obj is MachineMail mail)
        {
            if (mail.Message.Payload is not null)
            {
                throw new SerializationException($"{mail.Message.GetType().Name} has floats, which travel on lanes.");
            }

            MessageCodec.EncodeEnvelope(mail.From, mail.To, mail.Message, output);
            return output.WrittenSpan.ToArray();
        }

        var writer = new MessagePackWriter(output);
        EnvelopeCodec.Write(ref writer, (IClusterMessage)obj);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            if (manifest == Mail)
            {
                (MachineId from, MachineId to) = MessageCodec.DecodeRoute(bytes);
                return new MachineMail(from, to, MessageCodec.DecodeEnvelope(bytes, null));
            }

            var reader = new MessagePackReader(bytes);
            IClusterMessage message = EnvelopeCodec.Read(ref reader, manifest);
            return reader.End ? message : throw new SerializationException($"'{manifest}': {bytes.Length - reader.Consumed} bytes behind the message");
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or InvalidDataException or OverflowException or System.Text.Json.JsonException)
        {
            throw new SerializationException($"'{manifest}' of {bytes.Length} bytes is no message of the cluster: {e.Message}", e);
        }
    }
}
