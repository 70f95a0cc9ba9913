using System.Buffers;
using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Names in Keras' style: the kind, then kind_1, kind_2, ..., counted per kind, so that one more softmax renames no other layer.
/// '/' and '@' are ours: "dense/relu" is the activation of dense, "dense@2" its second use.
/// </summary>
internal sealed class LayerNames
{
    private static readonly SearchValues<char> Reserved = SearchValues.Create("/@ \t\r\n");

    private readonly Dictionary<string, int> nextOfKind = [];
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    /// <exception cref="UserError">The given name is empty, holds a reserved character or is taken.</exception>
    public string Choose(string kind, string? given)
    {
        if (given is null)
        {
            return Next(kind);
        }

        if (given.Length == 0 || given.AsSpan().IndexOfAny(Reserved) >= 0)
        {
            throw new UserError($"A layer can't be called '{given}': names are not empty and hold no '/', '@' or blank.");
        }

        Reserve(given);
        return given;
    }

    /// <exception cref="UserError">The name is taken.</exception>
    public void Reserve(string name)
    {
        if (!taken.Add(name))
        {
            throw new UserError($"Two layers are called '{name}': every layer needs a name of its own.");
        }
    }

    private string Next(string kind)
    {
        int count = nextOfKind.GetValueOrDefault(kind);
        string name;
        do
        {
            name = count == 0 ? kind : $"{kind}_{count}";
            count++;
        }
        while (!taken.Add(name));
        nextOfKind[kind] = count;
        return name;
    }
}
