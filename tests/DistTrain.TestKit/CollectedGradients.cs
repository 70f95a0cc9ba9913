using DistTrain.Graph;

namespace DistTrain.TestKit;

/// <summary>A sink that keeps the gradients and the order in which they were completed.</summary>
public sealed class CollectedGradients : IGradientSink
{
    private readonly List<int> completed = [];

    public CollectedGradients(ModelGraph graph)
    {
        Values = [.. graph.Parameters.Select(parameter => new float[parameter.Shape.Length])];
        Clear();
    }

    /// <summary>By parameter index; NaN until written.</summary>
    public float[][] Values { get; }

    /// <summary>Parameter indices in the order of completion.</summary>
    public IReadOnlyList<int> Completed => completed;

    public Span<float> Destination(int parameterIndex) => Values[parameterIndex];

    public void Complete(int parameterIndex) => completed.Add(parameterIndex);

    public void Clear()
    {
        completed.Clear();
        foreach (float[] values in Values)
        {
            Array.Fill(values, float.NaN);
        }
    }
}
