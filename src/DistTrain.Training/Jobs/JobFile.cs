using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>The way from text to a checked <see cref="Job"/>.</summary>
public static class JobFile
{
    /// <summary>Reads a job file, or starts from the defaults, and lays the overlays over it.</summary>
    /// <param name="path">The file; null: defaults.</param>
    /// <param name="overlays">Environment, --set and flags; null: none.</param>
    /// <exception cref="UserError">The first thing wrong: file, line, key, what was found, what is allowed.</exception>
    public static Job Load(string? path, JobOverlays? overlays = null)
    {
        if (path is null)
        {
            return Parse("", "job", null, overlays);
        }

        if (Directory.Exists(path))
        {
            throw new UserError($"{path}: is a folder; allowed: a job file");
        }

        try
        {
            long bytes = new FileInfo(path).Length;
            return bytes > 4L * JobYaml.CharsMax
                ? throw new UserError($"{path}: {bytes} bytes are too many for a job; allowed: up to {JobYaml.CharsMax} characters")
                : Parse(File.ReadAllText(path), path, Path.GetDirectoryName(Path.GetFullPath(path)), overlays);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError(e is FileNotFoundException or DirectoryNotFoundException ? $"{path}: there is no such job file" : $"{path}: can't be read: {e.Message}", e);
        }
    }

    /// <summary>A job from text.</summary>
    /// <param name="yaml">YAML, or JSON.</param>
    /// <param name="origin">What error lines call the text.</param>
    /// <param name="folder">What relative paths in it are relative to; null: the current directory.</param>
    /// <param name="overlays">Environment, --set and flags; null: none.</param>
    public static Job Parse(string yaml, string origin = "job", string? folder = null, JobOverlays? overlays = null)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        return Bind(JobYaml.Parse(yaml, origin, lines: true, folder), overlays);
    }

    private static Job Bind(JobNode node, JobOverlays? overlays)
    {
        JobMapping root = node switch
        {
            JobMapping mapping => mapping,
            JobScalar { IsNull: true } => new JobMapping(node.Place),
            _ => throw JobBinder.Wrong(node, "", "the keys " + string.Join(", ", JobSection.Of(typeof(Job)).Names)),
        };
        overlays?.Apply(root);
        var job = (Job)JobBinder.Bind(JobSection.Of(typeof(Job)), root, "");
        Check(job, root);
        return job;
    }

    /// <summary>A job made in C#, put through the checks of a file.</summary>
    /// <param name="job">Any values.</param>
    /// <param name="origin">What error lines call it.</param>
    /// <exception cref="UserError">The first value out of range.</exception>
    public static Job Checked(Job job, string origin)
    {
        ArgumentNullException.ThrowIfNull(job);
        return Bind(JobYaml.Parse(job.ToYaml(), origin, lines: false, folder: null), null);
    }

    /// <summary>Rules between keys.</summary>
    private static void Check(Job job, JobMapping root)
    {
        if (job.Train.Slices is { } slices && (slices & (slices - 1)) != 0)
        {
            throw new UserError($"{Where(root, "train", "slices")}: train.slices: found {slices}; allowed: a power of two from 1 to 1024");
        }

        if (job.Train is { BalanceClasses: true, ClassWeights: not null })
        {
            throw new UserError($"{Where(root, "train", "balanceClasses")}: train.balanceClasses: given beside classWeights; allowed: one of the two");
        }

        List<string> sets = [.. DataCatalogue.Entries.Select(entry => entry.Name)];
        if (job.Data.Set is { } set && !sets.Contains(set))
        {
            throw new UserError($"{Where(root, "data", "set")}: data.set: found \"{set}\"{JobNames.DidYouMean(set, sets)} allowed: one of {string.Join(", ", sets)}");
        }

        if (job.Model.Layers is { Count: 0 })
        {
            throw new UserError($"{Where(root, "model", "layers")}: model.layers: found an empty list; allowed: at least one layer");
        }

        if (job.Run.Replicas > job.Run.Servers)
        {
            throw new UserError($"{Where(root, "run", "replicas")}: run.replicas: found {job.Run.Replicas}; allowed: 1 to the number of run.servers, which is {job.Run.Servers}");
        }

        if (job.Model is { Output: { } output, Nodes: var nodes } && (nodes is null || !nodes.Any(node => node.Name == output)))
        {
            string allowed = nodes is null ? "only together with model.nodes" : string.Join(", ", nodes.Select(node => node.Name));
            throw new UserError($"{Where(root, "model", "output")}: model.output: found \"{output}\"; allowed: {allowed}");
        }
    }

    private static JobPlace Where(JobMapping root, string section, string key) => (root.Find(section)?.Value as JobMapping)?.Find(key)?.Value.Place ?? root.Place;
}
