using System.Globalization;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Tree of values -> records, checking every key, type and range. The first thing wrong is told in one line.</summary>
internal static class JobBinder
{
    /// <summary>"train.batch: ", or nothing at the root.</summary>
    public static string Key(string path) => path.Length == 0 ? "" : path + ": ";

    public static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out number);

    public static UserError Wrong(JobNode node, string path, string allowed) =>
        new($"{node.Place}: {Key(path)}found {node.Found}; allowed: {allowed}");

    /// <summary>A record from a group of keys.</summary>
    /// <param name="section">Its keys.</param>
    /// <param name="node">The group; null values mean the default.</param>
    /// <param name="path">Key path so far, empty at the root.</param>
    /// <param name="foreign">Keys of the same group that belong to somebody else.</param>
    public static object Bind(JobSection section, JobNode node, string path, params ReadOnlySpan<string> foreign)
    {
        if (node is JobScalar { IsNull: true })
        {
            node = new JobMapping(node.Place);
        }

        if (node is not JobMapping mapping)
        {
            throw Wrong(node, path, "the keys " + string.Join(", ", section.Names));
        }

        object record = section.Create();
        var groups = new Dictionary<string, string>();
        foreach (JobEntry entry in mapping.Entries)
        {
            if (foreign.Contains(entry.Key))
            {
                continue;
            }

            JobKey key = section.Find(entry.Key) ?? throw Unknown(section, entry, path);
            if (entry.Value is JobScalar { IsNull: true })
            {
                continue;
            }

            if (key.Rule.Group is { } group && !groups.TryAdd(group, key.Name))
            {
                throw new UserError($"{entry.Place}: {Join(path, key.Name)}: given beside {groups[group]}; allowed: one of the two");
            }

            key.Property.SetValue(record, Value(key, key.Type, entry.Value, Join(path, key.Name)));
        }

        foreach (JobKey key in section.Keys)
        {
            if (key.Rule.Required && mapping.Find(key.Name) is null or { Value: JobScalar { IsNull: true } } && key.Rule.Required)
            {
                throw new UserError($"{node.Place}: {Join(path, key.Name)}: missing; allowed: {Allowed(key, key.Type)}");
            }
        }

        return record;
    }

    /// <summary>One alternative of a choice: its name alone, or { name: options } where a bare value is the first option.</summary>
    public static object BindChoice(IReadOnlyList<JobSection> choices, JobNode node, string path, params ReadOnlySpan<string> foreign)
    {
        List<string> names = [.. choices.Select(choice => choice.Choice!.Name)];
        if (node is JobScalar { IsNull: false } bare)
        {
            return Bind(Pick(choices, names, bare.Text, bare.Place, path), new JobMapping(bare.Place), Join(path, bare.Text));
        }

        JobEntry? chosen = null;
        foreach (JobEntry entry in (node as JobMapping)?.Entries ?? [])
        {
            if (foreign.Contains(entry.Key))
            {
                continue;
            }

            _ = Pick(choices, names, entry.Key, entry.Place, path);
            chosen = chosen is null
                ? entry
                : throw new UserError($"{entry.Place}: {Key(path)}found \"{entry.Key}\" beside \"{chosen.Key}\"; allowed: one of {string.Join(", ", names)}");
        }

        if (chosen is null)
        {
            throw Wrong(node, path, "one of " + string.Join(", ", names));
        }

        JobSection section = Pick(choices, names, chosen.Key, chosen.Place, path);
        string name = section.Choice!.Name;
        JobNode options = chosen.Value;
        if (options is JobSequence or JobScalar { IsNull: false } && section.Keys.Count > 0)
        {
            var first = new JobMapping(options.Place);
            first.Entries.Add(new JobEntry(section.Keys[0].Name, options.Place, options));
            options = first;
        }

        return Bind(section, options is JobScalar { IsNull: true } ? new JobMapping(chosen.Place) : options, Join(path, name));
    }

    /// <summary>What a key takes, in words: used by errors and the reference.</summary>
    public static string Allowed(JobKey key, Type type)
    {
        if (key.ItemType is { } item && type == key.Property.PropertyType)
        {
            return "a list";
        }

        return type switch
        {
            _ when type == typeof(bool) => "true or false",
            _ when type != typeof(string) && key.Rule.Min == key.Rule.Max => key.Rule.Min.ToString(CultureInfo.InvariantCulture),
            _ when type == typeof(string) => key.Rule.IsPath ? "a path" : "text",
            _ when type == typeof(WindowSize) => $"a whole number {Range(key.Rule)}, or two of them as [height, width]",
            _ when type == typeof(double) => $"a number {Range(key.Rule)}".TrimEnd(),
            { IsEnum: true } => "one of " + string.Join(", ", EnumNames(type)),
            { IsPrimitive: true } => $"a whole number {Range(key.Rule)}".TrimEnd(),
            _ when JobSection.Choices(type) is { } choices => "one of " + string.Join(", ", choices.Select(choice => choice.Choice!.Name)),
            _ => "the keys " + string.Join(", ", JobSection.Of(type).Names),
        };
    }

    public static IReadOnlyList<string> EnumNames(Type type) => [.. Enum.GetNames(type).Select(EnumName)];

    /// <summary>"leakyRelu" for LeakyReLU, "gelu" for GELU.</summary>
    public static string EnumName(string member) => JobNames.Camel(member.Replace("ReLU", "Relu", StringComparison.Ordinal));

    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static object Value(JobKey key, Type type, JobNode node, string path)
    {
        if (key.ItemType is { } itemType)
        {
            return List(key, itemType, node, path);
        }

        if (JobSection.Choices(type) is { } choices)
        {
            return BindChoice(choices, node, path);
        }

        if (JobSection.IsSection(type))
        {
            return Bind(JobSection.Of(type), node, path);
        }

        if (type == typeof(WindowSize) && node is JobSequence { Items.Count: 2 } pair)
        {
            return new WindowSize((int)Number(key, typeof(int), pair.Items[0], path), (int)Number(key, typeof(int), pair.Items[1], path));
        }

        if (node is not JobScalar { IsNull: false } scalar)
        {
            throw Wrong(node, path, Allowed(key, type));
        }

        if (type == typeof(string))
        {
            return !key.Rule.IsPath ? scalar.Text
                : scalar.Text.Length == 0 || scalar.Text.Contains('\0') ? throw Wrong(node, path, Allowed(key, type))
                : Path.GetFullPath(scalar.Text, scalar.Place.Folder ?? Environment.CurrentDirectory);
        }

        if (type.IsEnum)
        {
            return Member(type, scalar, path);
        }

        if (type == typeof(bool))
        {
            return scalar is { IsText: false, Text: "true" } || (scalar is { IsText: false, Text: "false" } ? false : throw Wrong(node, path, Allowed(key, type)));
        }

        return type == typeof(WindowSize) ? WindowSize.FromInt32((int)Number(key, typeof(int), node, path)) : Number(key, type, node, path);
    }

    private static object Number(JobKey key, Type type, JobNode node, string path)
    {
        JobKeyAttribute rule = key.Rule;
        UserError Refuse() => Wrong(node, path, Allowed(key, key.ItemType ?? key.Type));
        if (node is not JobScalar { IsText: false } scalar || !TryNumber(scalar.Text, out double number) || !double.IsFinite(number)
            || number < rule.Min || number > rule.Max || (rule.AboveMin && number <= rule.Min) || (rule.BelowMax && number >= rule.Max))
        {
            throw Refuse();
        }

        if (type == typeof(double))
        {
            return number;
        }

        NumberStyles whole = NumberStyles.AllowLeadingSign;
        return type == typeof(int) && int.TryParse(scalar.Text, whole, CultureInfo.InvariantCulture, out int narrow) ? narrow
            : type == typeof(ulong) && ulong.TryParse(scalar.Text, whole, CultureInfo.InvariantCulture, out ulong unsigned) ? unsigned
            : type == typeof(long) && long.TryParse(scalar.Text, whole, CultureInfo.InvariantCulture, out long wide) ? wide
            : throw Refuse();
    }

    private static object Member(Type type, JobScalar scalar, string path)
    {
        IReadOnlyList<string> names = EnumNames(type);
        for (int i = 0; i < names.Count; i++)
        {
            if (JobNames.Same(names[i], scalar.Text))
            {
                return Enum.Parse(type, Enum.GetNames(type)[i]);
            }
        }

        throw new UserError($"{scalar.Place}: {Key(path)}found {scalar.Found}{JobNames.DidYouMean(scalar.Text, names)} allowed: one of {string.Join(", ", names)}");
    }

    private static object List(JobKey key, Type itemType, JobNode node, string path)
    {
        if (itemType == typeof(NodeJob))
        {
            return NodeJob.BindAll(node, path);
        }

        if (node is not JobSequence sequence)
        {
            throw Wrong(node, path, "a list");
        }

        Array list = Array.CreateInstance(itemType, sequence.Items.Count);
        IReadOnlyList<JobSection>? choices = JobSection.Choices(itemType);
        for (int i = 0; i < sequence.Items.Count; i++)
        {
            JobNode item = sequence.Items[i];
            string itemPath = $"{path}[{i}]";
            list.SetValue(
                choices is not null ? BindChoice(choices, item, itemPath)
                    : itemType.IsEnum ? item is JobScalar { IsNull: false } name ? Member(itemType, name, itemPath) : throw Wrong(item, itemPath, "one of " + string.Join(", ", EnumNames(itemType)))
                    : itemType != typeof(string) ? Number(key, itemType, item, itemPath)
                    : item is JobScalar { IsNull: false } text ? text.Text
                    : throw Wrong(item, itemPath, "text"),
                i);
        }

        return list;
    }

    private static JobSection Pick(IReadOnlyList<JobSection> choices, List<string> names, string found, JobPlace place, string path)
    {
        int index = names.FindIndex(name => JobNames.Same(name, found));
        return index >= 0
            ? choices[index]
            : throw new UserError($"{place}: {Key(path)}found \"{found}\"{JobNames.DidYouMean(found, names)} allowed: one of {string.Join(", ", names)}");
    }

    private static UserError Unknown(JobSection section, JobEntry entry, string path) =>
        new($"{entry.Place}: {Join(path, entry.Key)}: unknown key{JobNames.DidYouMean(entry.Key, section.Names)} allowed: {string.Join(", ", section.Names)}");

    private static string Range(JobKeyAttribute rule)
    {
        static string Text(double bound) => bound == ulong.MaxValue
            ? ulong.MaxValue.ToString(CultureInfo.InvariantCulture)
            : bound.ToString("R", CultureInfo.InvariantCulture);
        bool min = double.IsFinite(rule.Min), max = double.IsFinite(rule.Max);
        return (min, max, rule.AboveMin, rule.BelowMax) switch
        {
            (true, true, false, false) => $"from {Text(rule.Min)} to {Text(rule.Max)}",
            (true, true, _, _) => $"{(rule.AboveMin ? "above " : "from ")}{Text(rule.Min)}{(rule.BelowMax ? ", below " : " to ")}{Text(rule.Max)}",
            (true, false, true, _) => $"above {Text(rule.Min)}",
            (true, false, false, _) => $"from {Text(rule.Min)}",
            _ => "",
        };
    }
}
