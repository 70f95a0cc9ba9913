using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// Host packets as bytes: length of the head (4 bytes, little-endian), the head as JSON, the bulk. JSON, since these messages are few,
/// grow with the hosts, and are read by people when something is wrong; what is on the way of a step is <see cref="MessageCodec"/>'s.
/// </summary>
internal static class HostCodec
{
    /// <summary>Half of what a lane takes as one frame of the host (LaneOptions.HostBytesMax); heads are far below the other half.</summary>
    public const int BulkBytesMax = 128 * 1024;

    private const int PrefixBytes = sizeof(int);

    /// <summary>How host messages, and the events of runs, are written.</summary>
    public static readonly JsonSerializerOptions Options = new()
    {
        // Steps and versions name each other: what is computed is not written.
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NameKinds } },
    };

    public static byte[] Encode(HostPacket packet)
    {
        byte[] head = JsonSerializer.SerializeToUtf8Bytes(packet, Options);
        ReadOnlySpan<byte> bulk = packet.Message is { } message ? message.Bulk.Span : [];
        byte[] bytes = new byte[PrefixBytes + head.Length + bulk.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, head.Length);
        head.CopyTo(bytes, PrefixBytes);
        bulk.CopyTo(bytes.AsSpan(PrefixBytes + head.Length));
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are no packet.</exception>
    public static HostPacket Decode(ReadOnlySpan<byte> bytes)
    {
        int headBytes = bytes.Length < PrefixBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (headBytes < 0 || headBytes > bytes.Length - PrefixBytes)
        {
            throw new InvalidDataException($"A host packet of {bytes.Length} bytes says its head has {headBytes}.");
        }

        try
        {
            HostPacket packet = JsonSerializer.Deserialize<HostPacket>(bytes.Slice(PrefixBytes, headBytes), Options)
                ?? throw new InvalidDataException("A host packet is null.");
            byte[] bulk = bytes[(PrefixBytes + headBytes)..].ToArray();
            return bulk.Length == 0 || packet.Message is null ? packet : packet with { Message = packet.Message with { Bulk = bulk } };
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            throw new InvalidDataException($"No host packet: {e.Message}", e);
        }
    }

    /// <summary>The closed sets go by the names of their types.</summary>
    private static void NameKinds(JsonTypeInfo type)
    {
        if (type.Type != typeof(HostMessage) && type.Type != typeof(RunEvent) && type.Type != typeof(TrainingEvent))
        {
            return;
        }

        type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "is" };
        foreach (Type kind in type.Type.Assembly.GetTypes().Where(kind => kind.IsSubclassOf(type.Type)))
        {
            type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(kind, kind.Name));
        }
    }
}
