using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>Who lives where: the launcher keeps it and pushes all of it to all nodes whenever it changes.</summary>
/// <param name="Number">Counts the changes.</param>
/// <param name="Nodes">Every node that can be reached, except the launcher.</param>
internal sealed record NodeDirectory(long Number, IReadOnlyList<NodeEntry> Nodes)
{
    public static NodeDirectory Empty => new(0, []);
}

/// <summary>A node of the directory.</summary>
/// <param name="Node">Its number; never used twice in a run.</param>
/// <param name="Addresses">Where it listens, best first.</param>
/// <param name="Machines">What it hosts.</param>
internal sealed record NodeEntry(int Node, IReadOnlyList<string> Addresses, IReadOnlyList<MachineId> Machines);
