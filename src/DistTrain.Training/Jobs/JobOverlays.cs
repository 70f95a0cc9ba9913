using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// Values from outside the job file, in rising precedence: environment variables, --set key=value, flags. All are changes to the
/// job's tree by key path, so they know the same keys and are checked by the same rules as the file.
/// </summary>
public sealed class JobOverlays
{
    /// <summary>DISTTRAIN__RUN__WORKERS is run.workers.</summary>
    public const string EnvironmentPrefix = "DISTTRAIN__";

    /// <summary>Settings of a disttrain-node, which may share the environment: no keys of a job.</summary>
    private static readonly string[] NodePrefixes = ["DISTTRAIN__NODE__", "DISTTRAIN__CLUSTER_DISPATCHER__"];

    private readonly List<(string Path, string Text, string Origin)> environment = [];
    private readonly List<(string Path, string Text, string Origin)> settings = [];
    private readonly List<(string Path, string Text, string Origin)> flags = [];

    /// <summary>Takes the variables that begin with <see cref="EnvironmentPrefix"/>, but for those of a node; empty ones count as absent.</summary>
    public JobOverlays AddEnvironment(IEnumerable<KeyValuePair<string, string?>> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        foreach ((string name, string? value) in variables.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase) && !string.IsNullOrEmpty(value)
                && !Array.Exists(NodePrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                string path = name[EnvironmentPrefix.Length..].Replace("__", ".", StringComparison.Ordinal);
                environment.Add((path, value, $"environment variable {name}"));
            }
        }

        return this;
    }

    /// <summary>One --set option.</summary>
    /// <param name="assignment">As data.limit=1000; the value is YAML, so lists and groups work.</param>
    /// <exception cref="UserError">There is no '=' or no key.</exception>
    public JobOverlays AddSet(string assignment)
    {
        ArgumentNullException.ThrowIfNull(assignment);
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new UserError($"--set: found \"{assignment}\"; allowed: key=value, such as data.limit=1000");
        }

        string path = assignment[..equals].Trim();
        settings.Add((path, assignment[(equals + 1)..].Trim(), $"--set {path}"));
        return this;
    }

    /// <summary>An option of the command line that stands for a key.</summary>
    /// <param name="flag">As the person wrote it: "--workers".</param>
    /// <param name="path">The key: "run.workers".</param>
    /// <param name="value">Its value.</param>
    public JobOverlays AddFlag(string flag, string path, string value)
    {
        flags.Add((path, value, flag));
        return this;
    }

    /// <summary>Applies all, lowest precedence first.</summary>
    internal void Apply(JobMapping root)
    {
        foreach ((string path, string text, string origin) in environment.Concat(settings).Concat(flags))
        {
            Set(root, JobSection.Of(typeof(Job)), path.Split('.'), 0, "", text, origin);
        }
    }

    private static void Set(JobMapping mapping, JobSection section, string[] names, int depth, string path, string text, string origin)
    {
        var place = new JobPlace(origin, 0, null);
        JobKey? key = section.Find(names[depth]);
        if (key is null)
        {
            _ = JobBinder.Bind(section, Single(place, names[depth], new JobMapping(place)), path);
            throw new InvalidOperationException($"Binding accepted the unknown key {names[depth]}.");
        }

        string keyPath = JobBinder.Join(path, key.Name);
        if (key.Rule.Group is { } group)
        {
            mapping.Entries.RemoveAll(entry => section.Find(entry.Key) is { } other && other != key && other.Rule.Group == group);
        }

        if (depth == names.Length - 1)
        {
            JobNode value = key.Type == typeof(string) ? new JobScalar(place, text, isText: true) : JobYaml.Parse(text, origin, lines: false, folder: null);
            Replace(mapping, key.Name, value, place);
            return;
        }

        if (JobSection.Choices(key.Type) is { } choices)
        {
            SetChoice(Below(mapping, key.Name, place), choices, names, depth + 1, keyPath, text, origin);
        }
        else if (key.ItemType is null && JobSection.IsSection(key.Type))
        {
            Set(Below(mapping, key.Name, place), JobSection.Of(key.Type), names, depth + 1, keyPath, text, origin);
        }
        else
        {
            throw new UserError($"{origin}: {keyPath}: has no keys below it that can be set one by one; allowed: {keyPath}={JobBinder.Allowed(key, key.Type)}");
        }
    }

    /// <summary>optimizer.adam.learningRate: keeps adam's other options when adam was chosen, else chooses it.</summary>
    private static void SetChoice(
        JobMapping mapping, IReadOnlyList<JobSection> choices, string[] names, int depth, string path, string text, string origin)
    {
        var place = new JobPlace(origin, 0, null);
        JobSection? choice = choices.FirstOrDefault(c => JobNames.Same(c.Choice!.Name, names[depth]));
        if (choice is null || depth == names.Length - 1)
        {
            var value = choice is null ? new JobScalar(place, names[depth], isText: true) : JobYaml.Parse(text, origin, lines: false, folder: null);
            JobNode chosen = choice is null ? value : Single(place, choice.Choice!.Name, value);
            _ = JobBinder.BindChoice(choices, chosen, path);
            mapping.Entries.Clear();
            mapping.Entries.AddRange(((JobMapping)chosen).Entries);
            return;
        }

        string name = choice.Choice!.Name;
        mapping.Entries.RemoveAll(entry => !JobNames.Same(entry.Key, name));
        Set(Below(mapping, name, place), choice, names, depth + 1, JobBinder.Join(path, name), text, origin);
    }

    /// <summary>The group under a key, made if absent; a bare name such as "adam" becomes { adam: {} }.</summary>
    private static JobMapping Below(JobMapping mapping, string name, JobPlace place)
    {
        JobEntry? entry = mapping.Find(name);
        if (entry?.Value is JobMapping below)
        {
            return below;
        }

        JobMapping made = entry?.Value is JobScalar { IsNull: false } bare
            ? Single(bare.Place, bare.Text, new JobMapping(bare.Place))
            : new JobMapping(place);
        Replace(mapping, name, made, place);
        return made;
    }

    private static JobMapping Single(JobPlace place, string key, JobNode value)
    {
        var mapping = new JobMapping(place);
        mapping.Entries.Add(new JobEntry(key, place, value));
        return mapping;
    }

    private static void Replace(JobMapping mapping, string name, JobNode value, JobPlace place)
    {
        mapping.Entries.RemoveAll(entry => JobNames.Same(entry.Key, name));
        mapping.Entries.Add(new JobEntry(name, place, value));
    }
}
