using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace DistTrain.Cluster;

/// <summary>
/// Stands in the place of Akka.NET's default serializer (Newtonsoft's JSON with type names): nothing of ours may fall back to it
/// unnoticed, and nobody may have us read types that he names.
/// </summary>
internal sealed class RefusingSerializer : Serializer
{
    public RefusingSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    /// <summary>Akka.NET has settings for what stands in this place; none are needed.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config _)
        : this(system)
    {
    }

    /// <summary>Of Akka.NET's NewtonSoftJsonSerializer.</summary>
    public override int Identifier => 1;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) =>
        throw new SerializationException($"{obj.GetType()} has no serializer; what travels between nodes is an IClusterMessage.");

    public override object FromBinary(byte[] bytes, Type type) =>
        throw new SerializationException($"{bytes.Length} bytes of a serializer that names types were refused.");
}
