using DistTrain.Protocol;

namespace DistTrain.Cluster;

/// <summary>Machine to machine, to or from the coordinator; what servers and workers say to each other travels on lanes.</summary>
internal sealed record MachineMail(MachineId From, MachineId To, Message Message) : IClusterMessage;

/// <summary>Singleton to node: it does not belong here, and ends.</summary>
internal sealed record NodeRefused(string Reason) : IClusterMessage;

/// <summary>Anybody to the singleton: train this; answered with <see cref="RunTaken"/> or <see cref="RequestRefused"/>.</summary>
internal sealed record SubmitRun(string JobYaml) : IClusterMessage;

/// <summary>Anybody to the singleton: end the run after a checkpoint; answered likewise.</summary>
internal sealed record EndRun : IClusterMessage;

/// <summary>The answer for a run.</summary>
internal sealed record RunTaken(string Run) : IClusterMessage;

/// <summary>The answer when it can't be done.</summary>
/// <param name="Reason">One line for people.</param>
/// <param name="IsBadInput">What was asked for is wrong; else it is the moment.</param>
internal sealed record RequestRefused(string Reason, bool IsBadInput) : IClusterMessage;

/// <summary>Singleton to all nodes: an event of a run, numbered from 1 within the singleton's life.</summary>
/// <param name="Authority">Which singleton.</param>
/// <param name="Number">Which event.</param>
/// <param name="Event">JSON.</param>
internal sealed record EventTold(long Authority, long Number, byte[] Event) : IClusterMessage;

/// <summary>Node to the singleton: events were lost on the way, or happened before the node came.</summary>
internal sealed record AskEvents(long After) : IClusterMessage;

/// <summary>The answer: events that matter after the fact, and the last one.</summary>
internal sealed record EventsTold(long Authority, IReadOnlyList<EventTold> Events) : IClusterMessage;

/// <summary>Singleton to all nodes, once a second: how the cluster and its run are.</summary>
/// <param name="Authority">Which singleton.</param>
/// <param name="LastEvent">Number of its newest event.</param>
/// <param name="Report">JSON of <see cref="Hosting.ClusterReport"/>.</param>
internal sealed record ReportTold(long Authority, long LastEvent, byte[] Report) : IClusterMessage;
