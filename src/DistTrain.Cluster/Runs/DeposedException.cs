namespace DistTrain.Cluster;

/// <summary>Another singleton has taken over the cluster, and this one has nothing to say any more. The run goes on there.</summary>
internal sealed class DeposedException(string message) : Exception(message);
