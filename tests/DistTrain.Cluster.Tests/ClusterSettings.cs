namespace DistTrain.Cluster.Tests;

/// <summary>cluster-config/ as shipped, with what tests need: ports that the system picks, and times of a cluster on one host.</summary>
internal static class ClusterSettings
{
    public static string Shipped(string name) => Path.Combine(AppContext.BaseDirectory, "cluster-config", name);

    /// <summary>Nodes that remove others by themselves.</summary>
    public const string Alert = "akka.cluster { failure-detector.acceptable-heartbeat-pause = 8s, split-brain-resolver.stable-after = 2s }";

    /// <param name="roles">Of the node.</param>
    /// <param name="runs">Folder of runs.</param>
    /// <param name="seed">Address of the first node; null: this is it.</param>
    public static string Of(string roles, string runs, string? seed = null) => NodeConfiguration.Read(Shipped("common.conf")) + $$"""

        akka.loglevel = WARNING
        akka.remote.dot-netty.tcp.port = 0
        akka.remote.dot-netty.tcp.applied-adapters = [trttl]
        akka.cluster {
          roles = [{{roles}}]
          {{(seed is null ? "" : $"seed-nodes = [\"{seed}\"]")}}
          gossip-interval = 200ms
          leader-actions-interval = 200ms
          periodic-tasks-initial-delay = 200ms
          failure-detector.heartbeat-interval = 200ms
          # A test says who is gone, unless it is about finding that out (see Alert). Akka.NET removes whom it was told to and can't reach;
          # on a busy machine it may suspect others for a moment, and nothing follows from that.
          failure-detector.acceptable-heartbeat-pause = 3s
          split-brain-resolver.stable-after = 100s
          down-removal-margin = 1s
          singleton.hand-over-retry-interval = 200ms
          singleton-proxy.singleton-identification-interval = 200ms
        }
        # A test's crash is an actor system that ends without a word.
        akka.coordinated-shutdown.run-by-actor-system-terminate = off
        disttrain.node.api.port = -1
        disttrain.node.threads = 1
        disttrain.node.leave-within = 20s
        disttrain.node.runs = "{{runs}}"
        """;
}
