using System.Buffers;

namespace DistTrain.Protocol;

/// <content>A message with its way, for lanes that join processes in which several machines live: [[role, number], [role, number], message].</content>
public static partial class MessageCodec
{
    /// <summary>Writes sender, receiver and the message but for the floats of its payload, which follow as little-endian bytes.</summary>
    public static void EncodeEnvelope(MachineId from, MachineId to, Message message, IBufferWriter<byte> output)
    {
        var writer = new MessagePackWriter(output);
        writer.Array(3);
        Write(writer, from);
        Write(writer, to);
        EncodeHead(message, output);
    }

    /// <summary>Reads sender and receiver alone.</summary>
    /// <param name="head">What <see cref="EncodeEnvelope"/> wrote, whoever sent it.</param>
    /// <exception cref="InvalidDataException">It does not begin like an envelope.</exception>
    public static (MachineId From, MachineId To) DecodeRoute(ReadOnlySpan<byte> head)
    {
        var reader = new MessagePackReader(head);
        reader.ArrayOf(3);
        return (ReadMachine(ref reader), ReadMachine(ref reader));
    }

    /// <summary>Reads the message of an envelope whose floats were received apart.</summary>
    /// <param name="head">What <see cref="EncodeEnvelope"/> wrote, whoever sent it.</param>
    /// <param name="floats">Becomes the message's payload, with the caller's reference; null: none came.</param>
    /// <exception cref="InvalidDataException">The bytes are no envelope, or the floats are not what they announce; the reference stays the caller's.</exception>
    public static Message DecodeEnvelope(ReadOnlySpan<byte> head, BlockBuffer? floats)
    {
        var reader = new MessagePackReader(head);
        reader.ArrayOf(3);
        ReadMachine(ref reader);
        ReadMachine(ref reader);
        Message message = ReadMessage(ref reader, new FloatSource(null, floats));
        reader.End();
        return ReferenceEquals(message.Payload, floats) ? message : throw MessagePackReader.Bad($"floats behind {message.GetType().Name}");
    }

    /// <summary>Which version of which block follows, when the message is a <see cref="BlockPublished"/>; null for any other.</summary>
    /// <param name="head">What <see cref="EncodeEnvelope"/> wrote, whoever sent it.</param>
    /// <exception cref="InvalidDataException">The bytes are no envelope.</exception>
    public static (BlockId Block, WeightVersion Version)? DecodePublished(ReadOnlySpan<byte> head)
    {
        var reader = new MessagePackReader(head);
        reader.ArrayOf(3);
        ReadMachine(ref reader);
        ReadMachine(ref reader);
        reader.Array(FieldsMax);
        if (reader.Integer(0, (int)Kind.PushRows) != (int)Kind.BlockPublished)
        {
            return null;
        }

        reader.Integer(0, int.MaxValue);
        return (ReadBlock(ref reader), ReadVersion(ref reader));
    }

    private static void Write(MessagePackWriter writer, MachineId machine)
    {
        writer.Array(2);
        writer.Integer((int)machine.Role);
        writer.Integer(machine.Number);
    }

    private static MachineId ReadMachine(ref MessagePackReader reader)
    {
        reader.ArrayOf(2);
        return new MachineId((MachineRole)reader.Integer(0, (int)MachineRole.Worker), ReadNumber(ref reader));
    }
}
