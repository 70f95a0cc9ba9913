using System.Collections;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// A chain of layers, each taking the one before: <c>new Sequential { new Conv2D(32, 3, Activation.ReLU), new Flatten(), new Dense(10) }</c>.
/// Shapes come with the first data.
/// </summary>
public sealed class Sequential : Model, IEnumerable<Op>
{
    private readonly List<(Op Layer, string? Name)> layers = [];

    public Sequential(params IEnumerable<Op> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        foreach (Op layer in layers)
        {
            Add(layer);
        }
    }

    public void Add(Op layer) => Add(layer, null);

    /// <param name="layer">Takes what the layer before gives.</param>
    /// <param name="name">Unique; null: the kind, counted.</param>
    public void Add(Op layer, string? name)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (IsTrained)
        {
            throw new InvalidOperationException("The model is trained: another layer would make it another model.");
        }

        layers.Add((layer, name));
    }

    public override ModelGraph BuildGraph(Shape sampleShape)
    {
        var builder = new GraphBuilder();
        Value last = builder.Input(sampleShape);
        foreach ((Op layer, string? name) in layers)
        {
            last = builder.Apply(layer, last, name);
        }

        return builder.Build(last);
    }

    public IEnumerator<Op> GetEnumerator() => layers.Select(layer => layer.Layer).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
