using System.Collections;
using System.Globalization;
using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Records -> tree of values, every key with its value in the order of the records: the canonical form of a job.</summary>
internal static class JobTree
{
    private static readonly JobPlace Nowhere = new("", 0, null);

    /// <param name="record">A record with attributed keys.</param>
    /// <param name="onlyBits">Leave out keys that don't decide bits.</param>
    public static JobMapping From(object record, bool onlyBits)
    {
        var mapping = new JobMapping(Nowhere);
        foreach (JobKey key in JobSection.Of(record.GetType()).Keys)
        {
            if ((key.Rule.DecidesBits || !onlyBits) && key.Property.GetValue(record) is { } value)
            {
                mapping.Entries.Add(new JobEntry(key.Name, Nowhere, Value(value, onlyBits)));
            }
        }

        return mapping;
    }

    /// <summary>{ name: options } of one alternative of a choice.</summary>
    public static JobMapping FromChoice(object record, JobPlace place)
    {
        var mapping = new JobMapping(place);
        mapping.Entries.Add(new JobEntry(JobSection.Of(record.GetType()).Choice!.Name, place, From(record, onlyBits: false)));
        return mapping;
    }

    /// <summary>A value as it is written in a job.</summary>
    public static string Text(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        Enum member => JobBinder.EnumName(member.ToString()),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    /// <summary>Paths of leaves that differ or stand on one side only.</summary>
    public static List<string> Differences(JobNode left, JobNode right)
    {
        var a = new Dictionary<string, string>();
        var b = new Dictionary<string, string>();
        Leaves(left, "", a);
        Leaves(right, "", b);
        return [.. a.Keys.Union(b.Keys).Where(path => a.GetValueOrDefault(path) != b.GetValueOrDefault(path))];
    }

    private static JobNode Value(object value, bool onlyBits)
    {
        Type type = value.GetType();
        if (value is WindowSize size)
        {
            return new JobSequence(Nowhere, [Value(size.Height, onlyBits), Value(size.Width, onlyBits)]);
        }

        if (value is IReadOnlyList<NodeJob> nodes)
        {
            var mapping = new JobMapping(Nowhere);
            mapping.Entries.AddRange(nodes.Select(node => new JobEntry(node.Name, Nowhere, node.ToTree(Nowhere))));
            return mapping;
        }

        if (value is not string && value is IEnumerable list)
        {
            return new JobSequence(Nowhere, [.. list.Cast<object>().Select(item => Value(item, onlyBits))]);
        }

        return !JobSection.IsSection(type) ? new JobScalar(Nowhere, Text(value), isText: value is string or Enum)
            : JobSection.Of(type).Choice is null ? From(value, onlyBits)
            : FromChoice(value, Nowhere);
    }

    private static void Leaves(JobNode node, string path, Dictionary<string, string> leaves)
    {
        switch (node)
        {
            case JobMapping mapping:
                mapping.Entries.ForEach(entry => Leaves(entry.Value, JobBinder.Join(path, entry.Key), leaves));
                break;
            case JobSequence sequence:
                for (int i = 0; i < sequence.Items.Count; i++)
                {
                    Leaves(sequence.Items[i], $"{path}[{i}]", leaves);
                }

                break;
            case JobScalar scalar:
                leaves[path] = scalar.Text;
                break;
        }
    }
}
