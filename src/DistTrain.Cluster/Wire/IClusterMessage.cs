namespace DistTrain.Cluster;

/// <summary>
/// What the nodes' actors say to each other. A closed set: <see cref="ClusterSerializer"/> knows each. Akka delivers each at most once,
/// so all of them are states that are said again, questions that are asked again, or facts that are pulled when they are missing.
/// </summary>
internal interface IClusterMessage;
