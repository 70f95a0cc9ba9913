namespace DistTrain.Hosting;

/// <summary>A node of a cluster.</summary>
/// <param name="Address">Under which the others know it.</param>
/// <param name="Roles">What it may host.</param>
/// <param name="Status">up, leaving, unreachable, ...</param>
public sealed record ClusterMember(string Address, IReadOnlyList<string> Roles, string Status);
