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
        model = model.Layers is null && model.Nodes is null ? Preset.Model(model.Preset, sampleShape, outputs) with { Freeze = model.Freeze } : model;
        if (model.Nodes is { } nodes)
        {
            return Frozen(builder.Build(Nodes(builder, input, nodes, model.Output)), model, nodes.Where(node => node.Layer?.Trainable == false).Select(node => node.Layer!.Name ?? node.Name));
        }

        IReadOnlyList<LayerJob> layers = model.Layers!;
        var values = new List<Value>();
        ModelGraph graph = builder.Build(Chain(builder, input, layers, path, values));
        return Frozen(graph, model, values.Zip(layers).Where(pair => pair.Second.Trainable == false).Select(pair => LayerName(pair.First)));
    }

    /// <summary>Layers one after the other.</summary>
    /// <param name="builder">Gets them.</param>
    /// <param name="input">What the first takes.</param>
    /// <param name="layers">Of a job.</param>
    /// <param name="path">Of their key, for errors.</param>
    /// <param name="values">Gets what each gives; null: nobody asks.</param>
    public static Value Chain(GraphBuilder builder, Value input, IReadOnlyList<LayerJob> layers, string path, List<Value>? values = null)
    {
        Value last = input;
        for (int i = 0; i < layers.Count; i++)
        {
            Value before = last;
            last = At($"{path}[{i}]", () => builder.Apply(layers[i].ToOp(), before, layers[i].Name));
            values?.Add(last);
        }

        return last;
    }

    /// <summary>The graph with what the job freezes.</summary>
    /// <exception cref="UserError">A name to freeze is none of the model's.</exception>
    private static ModelGraph Frozen(ModelGraph graph, ModelJob model, IEnumerable<string> layers)
    {
        string[] names = [.. model.Freeze ?? [], .. layers];
        bool Names(string name, Parameter parameter) => parameter.Name == name || parameter.Name.StartsWith(name + "/", StringComparison.Ordinal);
        foreach (string name in model.Freeze ?? [])
        {
            if (!graph.Parameters.Any(parameter => Names(name, parameter)))
            {
                string[] known = [.. graph.Parameters.Select(parameter => parameter.Name.Split('/')[0]).Distinct()];
                throw new UserError($"model.freeze: found \"{name}\"{JobNames.DidYouMean(name, known)} allowed: {string.Join(", ", known)}, or one of their parameters, such as {graph.Parameters[0].Name}");
            }
        }

        bool Freezes(Parameter parameter) => names.Any(name => Names(name, parameter));
        return names.Length == 0 ? graph
            : graph.Parameters.All(Freezes) ? throw new UserError("model.freeze: nothing is left that training could change")
            : graph.WithRules(parameter => Freezes(parameter) ? ParameterRule.Frozen : parameter.Rule);
    }

    /// <summary>Without the activation that may stand behind: "dense" for "dense/relu".</summary>
    private static string LayerName(Value value) => value.Node.Name.Split('/')[0];

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
