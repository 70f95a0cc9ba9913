using Akka.Cluster;

namespace DistTrain.Cluster;

/// <summary>How an incarnation of a node is called: its address and what tells it from others that had the same.</summary>
internal static class NodeName
{
    public static string Of(UniqueAddress address) => FormattableString.Invariant($"{address.Address}#{address.Uid}");
}
