using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// Where each parameter of a graph lies in the one flat vector that servers, update rules and checkpoints know: back to back, in
/// the order of <see cref="ModelGraph.Parameters"/>. The only flatten and unflatten there is.
/// </summary>
public sealed class ParameterLayout
{
    private readonly Parameter[] parameters;
    private readonly int[] offsets;

    public ParameterLayout(ModelGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        parameters = [.. graph.Parameters];
        offsets = new int[parameters.Length];
        int length = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            offsets[i] = length;
            length = checked(length + parameters[i].Shape.Length);
        }

        Length = length;
    }

    /// <summary>Floats of the flat vector.</summary>
    public int Length { get; }

    public IReadOnlyList<Parameter> Parameters => parameters;

    /// <summary>First float of each parameter, by <see cref="Parameter.Index"/>.</summary>
    public ReadOnlySpan<int> Offsets => offsets;

    /// <summary>[offset, offset + length) of a parameter.</summary>
    public Range this[int parameterIndex] => offsets[parameterIndex]..(offsets[parameterIndex] + parameters[parameterIndex].Shape.Length);

    /// <summary>The part of a flat vector that is one parameter.</summary>
    public Span<float> Part(Span<float> flat, int parameterIndex) => flat[this[parameterIndex]];

    /// <summary>"dense/kernel[17]" for a place in the flat vector: for messages.</summary>
    public string NameAt(int offset)
    {
        int index = Array.BinarySearch(offsets, offset);
        index = index >= 0 ? index : ~index - 1;
        return $"{parameters[index].Name}[{offset - offsets[index]}]";
    }

    /// <summary>A flat vector as the graph takes its parameters, without copying.</summary>
    public ReadOnlyMemory<float>[] Parts(ReadOnlyMemory<float> flat)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(flat.Length, Length);
        return [.. parameters.Select(parameter => flat[this[parameter.Index]])];
    }

    /// <summary>The first weights of a job: every parameter by its initializer, from the seed and its name alone.</summary>
    public float[] Initialize(ulong seed)
    {
        float[] flat = new float[Length];
        foreach (Parameter parameter in parameters)
        {
            parameter.Initialize(seed, Part(flat, parameter.Index));
        }

        return flat;
    }

    /// <summary>A flat vector as named tensors, without copying.</summary>
    /// <param name="flat"><see cref="Length"/> floats.</param>
    /// <param name="prefix">Before every name; "" for weights.</param>
    public IEnumerable<NamedTensor> ToTensors(ReadOnlyMemory<float> flat, string prefix = "")
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(flat.Length, Length);
        return parameters.Select(parameter => new NamedTensor(prefix + parameter.Name, parameter.Shape, flat[this[parameter.Index]]));
    }

    /// <summary>Named tensors as a flat vector; others beside them are left alone.</summary>
    /// <param name="tensors">In any order.</param>
    /// <param name="path">The file they come from, for errors.</param>
    /// <param name="prefix">Before every name.</param>
    /// <exception cref="UserError">One is missing or has another shape.</exception>
    public float[] FromTensors(IReadOnlyList<NamedTensor> tensors, string path, string prefix = "")
    {
        Dictionary<string, NamedTensor> byName = tensors.ToDictionary(tensor => tensor.Name);
        foreach (Parameter parameter in parameters)
        {
            string name = prefix + parameter.Name;
            if (!byName.TryGetValue(name, out NamedTensor tensor))
            {
                throw new UserError($"{path}: has no '{name}' {parameter.Shape}; the model needs it");
            }

            if (tensor.Shape != parameter.Shape)
            {
                throw new UserError($"{path}: '{name}' is {tensor.Shape}; the model needs {parameter.Shape}");
            }
        }

        float[] flat = new float[Length];
        foreach (Parameter parameter in parameters)
        {
            byName[prefix + parameter.Name].Values.Span.CopyTo(Part(flat, parameter.Index));
        }

        return flat;
    }
}
