namespace DistTrain.Cluster;

/// <summary>
/// Names of the dispatchers in cluster-config/common.conf: threads of our own, so that no step of a machine and no disk holds up Akka's
/// heartbeats. Computations have threads of theirs (<see cref="Hosting.WorkerCompute"/>).
/// </summary>
internal static class ClusterDispatchers
{
    /// <summary>Of machines.</summary>
    public const string Machines = "disttrain.node.machines-dispatcher";

    /// <summary>Of the actors that host them.</summary>
    public const string Hosts = "disttrain.node.hosts-dispatcher";
}
