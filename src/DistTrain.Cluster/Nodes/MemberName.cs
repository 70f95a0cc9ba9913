using System.Security.Cryptography;
using System.Text;
using Akka.Cluster;
using DistTrain.Hosting;

namespace DistTrain.Cluster;

/// <summary>How an incarnation of a node is called.</summary>
internal static class MemberName
{
    /// <summary>Characters that tell runs apart where their names would be too long.</summary>
    private const int RunCharacters = 12;

    /// <summary>In the cluster: its address, and what tells it from others that had the same.</summary>
    public static string Of(UniqueAddress address) => FormattableString.Invariant($"{address.Address}#{address.Uid}");

    /// <summary>On the lanes of a run.</summary>
    public static NodeName OnLanes(int lane, string run) => new(lane, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(run)))[..RunCharacters]);
}
