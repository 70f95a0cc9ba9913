using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Section model: a preset, a chain of layers, or a map of nodes with branches.</summary>
public sealed record ModelJob
{
    [JobKey("A network of the house, built for the data's shape and classes.", Group = "network", Automatic = "cnn for pictures, mlp for other data")]
    public PresetKind? Preset { get; init; }

    [JobKey("A chain: each layer takes the one before.", Group = "network", Automatic = "the preset")]
    public IReadOnlyList<LayerJob>? Layers { get; init; }

    [JobKey("Layers by name, each with its inputs: a layer may feed several others.", Group = "network", Automatic = "the preset")]
    public IReadOnlyList<NodeJob>? Nodes { get; init; }

    [JobKey("Two networks that learn from each other; its keys are below.", Group = "network", Automatic = "absent")]
    public GanJob? Gan { get; init; }

    [JobKey("A run or model folder whose weights the run begins with, by name; and its network, where none is given here. Layers whose names it doesn't have begin anew.", IsPath = true, Automatic = "new weights")]
    public string? From { get; init; }

    [JobKey("Layers or parameters that training doesn't change, by name: conv2d, or conv2d/kernel. Likewise trainable: false in a layer.", Automatic = "none")]
    public IReadOnlyList<string>? Freeze { get; init; }

    [JobKey("With nodes: the node that predicts.", Automatic = "the last node")]
    public string? Output { get; init; }

    /// <summary>A graph as the nodes of a job, so that a run of it can be kept and read again.</summary>
    /// <exception cref="Tensors.UserError">It has an op that jobs don't know, or not exactly one input.</exception>
    public static ModelJob Describe(ModelGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        string[] frozen = [.. graph.Parameters.Where(parameter => parameter.IsFrozen).Select(parameter => parameter.Name)];
        return LayerDescription.Of(graph) with { Freeze = frozen.Length == 0 ? null : frozen };
    }

    /// <summary>Name for people and folders.</summary>
    public string Title => Gan is not null ? "gan" : From is not null || Layers is not null || Nodes is not null ? "model" : JobBinder.EnumName((Preset ?? PresetKind.Cnn).ToString());
}
