using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>A job's model as a graph, for samples of one shape.</summary>
internal static class GraphFromJob
{
    /// <param name="model">Preset, layers or nodes.</param>
    /// <param name="sampleShape">Shape of a sample's features.</param>
    /// <param name="outputs">Classes or target values: the width of a preset's last layer.</param>
    /// <exception cref="UserError">A layer can't take its input; the message names its key and both shapes.</exception>
    public static ModelGraph Build(ModelJob model, Shape sampleShape, int outputs)
    {
        var builder = new GraphBuilder();
        Value input = builder.Input(sampleShape);
        string path = model.Layers is null ? "model.preset" : "model.layers";
        model = model.Layers is null && model.Nodes is null ? Preset.Model(model.Preset, sampleShape, outputs) : model;
        if (model.Nodes is { } nodes)
        {
            return builder.Build(Nodes(builder, input, nodes, model.Output));
        }

        IReadOnlyList<LayerJob> layers = model.Layers!;
        Value last = input;
        for (int i = 0; i < layers.Count; i++)
        {
            Value before = last;
            last = At($"{path}[{i}]", () => builder.Apply(layers[i].ToOp(), before, layers[i].Name));
        }

        return builder.Build(last);
    }

    private static Value Nodes(GraphBuilder builder, Value input, IReadOnlyList<NodeJob> nodes, string? output)
    {
        var values = new Dictionary<string, Value> { [NodeJob.InputName] = input };
        foreach (NodeJob node in nodes)
        {
            Value[] inputs = [.. node.Inputs.Select(name => values[name])];
            values[node.Name] = At($"model.nodes.{node.Name}", () => node.Layer is null
                ? builder.Again(values[node.SameAs!], inputs.Length == 1 ? inputs[0] : throw new UserError("sameAs takes one input"))
                : builder.Apply(node.Layer.ToOp(), inputs, node.Layer.Name ?? node.Name));
        }

        return values.TryGetValue(output ?? nodes[^1].Name, out Value last)
            ? last
            : throw new UserError($"model.output: found \"{output}\"; allowed: {string.Join(", ", nodes.Select(node => node.Name))}");
    }

    private static Value At(string path, Func<Value> apply)
    {
        try
        {
            return apply();
        }
        catch (UserError e)
        {
            throw new UserError($"{path}: {e.Message}", e);
        }
    }
}
