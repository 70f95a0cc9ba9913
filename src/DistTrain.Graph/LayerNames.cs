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

    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    /// <summary>The name that a layer would get; nothing is taken yet.</summary>
    /// <exception cref="UserError">The given name is empty, holds a reserved character or is taken.</exception>
    public string Choose(string kind, string? given)
    {
        if (given is null)
        {
            int count = 0;
            while (taken.Contains(Counted(kind, count)))
            {
                count++;
            }

            return Counted(kind, count);
        }

        if (given.Length == 0 || given.AsSpan().IndexOfAny(Reserved) >= 0)
        {
            throw new UserError($"A layer can't be called '{given}': names are not empty and hold no '/', '@' or blank.");
        }

        return taken.Contains(given)
            ? throw new UserError($"Two layers are called '{given}': every layer needs a name of its own.")
            : given;
    }

    public bool IsTaken(string name) => taken.Contains(name);

    public void Take(string name) => taken.Add(name);

    private static string Counted(string kind, int count) => count == 0 ? kind : $"{kind}_{count}";
}
