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

    [JobKey("With nodes: the node that predicts.", Automatic = "the last node")]
    public string? Output { get; init; }

    /// <summary>A graph as the nodes of a job, so that a run of it can be kept and read again.</summary>
    /// <exception cref="Tensors.UserError">It has an op that jobs don't know, or not exactly one input.</exception>
    public static ModelJob Describe(ModelGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return LayerDescription.Of(graph);
    }

    /// <summary>Name for people and folders.</summary>
    public string Title => Layers is not null || Nodes is not null ? "model" : JobBinder.EnumName((Preset ?? PresetKind.Cnn).ToString());
}
