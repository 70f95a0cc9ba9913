using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>One entry of model.nodes: a layer under a name, and the nodes it takes.</summary>
/// <param name="Name">Unique; "input" is the data.</param>
/// <param name="Layer">The layer; null when it is another node's once more.</param>
/// <param name="Inputs">Names of earlier nodes or "input".</param>
/// <param name="SameAs">The earlier node whose layer, with its parameters, is applied again; null for a layer of its own.</param>
public sealed record NodeJob(string Name, LayerJob? Layer, IReadOnlyList<string> Inputs, string? SameAs = null)
{
    /// <summary>The node that stands for a sample's features.</summary>
    public const string InputName = "input";

    internal const string InputsKey = "inputs";
    internal const string SameAsKey = "sameAs";

    internal static IReadOnlyList<NodeJob> BindAll(JobNode node, string path)
    {
        if (node is not JobMapping mapping || mapping.Entries.Count == 0)
        {
            throw JobBinder.Wrong(node, path, "nodes by name, as name: { Dense: { units: 10 }, inputs: [input] }");
        }

        var nodes = new List<NodeJob>();
        List<string> known = [InputName];
        foreach (JobEntry entry in mapping.Entries)
        {
            string entryPath = JobBinder.Join(path, entry.Key);
            if (entry.Key == InputName)
            {
                throw new UserError($"{entry.Place}: {entryPath}: \"{InputName}\" is the data; allowed: any other name");
            }

            string? sameAs = BindSameAs(entry.Value, entryPath, nodes);
            LayerJob? layer = sameAs is not null ? null
                : (LayerJob)JobBinder.BindChoice(JobSection.Choices(typeof(LayerJob))!, entry.Value, entryPath, InputsKey);
            nodes.Add(new NodeJob(entry.Key, layer, BindInputs(entry.Value, entryPath, known), sameAs));
            known.Add(entry.Key);
        }

        return nodes;
    }

    internal JobNode ToTree(JobPlace place)
    {
        JobMapping tree = Layer is not null ? JobTree.FromChoice(Layer, place) : new JobMapping(place);
        if (SameAs is not null)
        {
            tree.Entries.Add(new JobEntry(SameAsKey, place, new JobScalar(place, SameAs, isText: true)));
        }

        var inputs = new JobSequence(place, [.. Inputs.Select(input => new JobScalar(place, input, isText: true))]);
        tree.Entries.Add(new JobEntry(InputsKey, place, inputs));
        return tree;
    }

    /// <summary>sameAs: the name of an earlier node with a layer of its own; no other layer may stand beside it.</summary>
    private static string? BindSameAs(JobNode node, string path, List<NodeJob> nodes)
    {
        if ((node as JobMapping)?.Entries.Find(entry => entry.Key == SameAsKey) is not { } sameAs)
        {
            return null;
        }

        List<string> layers = [.. nodes.Where(earlier => earlier.SameAs is null).Select(earlier => earlier.Name)];
        JobEntry? beside = ((JobMapping)node).Entries.Find(entry => entry.Key is not (SameAsKey or InputsKey));
        return beside is not null ? throw new UserError($"{beside.Place}: {path}: found \"{beside.Key}\" beside {SameAsKey}; allowed: {InputsKey}")
            : sameAs.Value is JobScalar { IsNull: false } name && layers.Contains(name.Text) ? name.Text
            : throw JobBinder.Wrong(sameAs.Value, JobBinder.Join(path, SameAsKey), "an earlier node with a layer of its own" + (layers.Count > 0 ? ", here " + string.Join(", ", layers) : ""));
    }

    /// <summary>A name or a list of names of nodes that stand before this one; absent: the node before.</summary>
    private static List<string> BindInputs(JobNode node, string path, List<string> known)
    {
        JobEntry? entry = (node as JobMapping)?.Entries.Find(e => e.Key == InputsKey);
        if (entry is null or { Value: JobScalar { IsNull: true } })
        {
            return [known[^1]];
        }

        string inputsPath = JobBinder.Join(path, InputsKey);
        List<JobNode> items = entry.Value is JobSequence sequence ? sequence.Items : [entry.Value];
        if (items.Count == 0)
        {
            throw new UserError($"{entry.Place}: {inputsPath}: found an empty list; allowed: names of earlier nodes");
        }

        return items.ConvertAll(item => item is JobScalar { IsNull: false } name && known.Contains(name.Text)
            ? name.Text
            : throw new UserError(
                $"{item.Place}: {inputsPath}: found {item.Found}{JobNames.DidYouMean((item as JobScalar)?.Text ?? "", known)} allowed: earlier nodes, here {string.Join(", ", known)}"));
    }
}
