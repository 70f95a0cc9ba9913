namespace DistTrain.Training;

/// <summary>Where a value was written: a line of a file, an option of the command line, an environment variable.</summary>
/// <param name="Origin">File name, "--set data.limit" or "environment variable DISTTRAIN__RUN__WORKERS".</param>
/// <param name="Line">From 1; 0 where lines mean nothing.</param>
/// <param name="Folder">What relative paths written there are relative to; null: the current directory.</param>
internal sealed record JobPlace(string Origin, int Line, string? Folder)
{
    public override string ToString() => Line == 0 ? Origin : $"{Origin}:{Line}";
}

/// <summary>A value of a job before it has a type. Overlays change this tree, so every source of values is checked by the same code.</summary>
internal abstract class JobNode(JobPlace place)
{
    public JobPlace Place { get; } = place;

    /// <summary>What a person wrote, short enough for an error line.</summary>
    public abstract string Found { get; }
}

/// <param name="place">Where it was written.</param>
/// <param name="text">The value without quotes.</param>
/// <param name="isText">Quoted, or known to be a string: never a number, a boolean or null.</param>
internal sealed class JobScalar(JobPlace place, string text, bool isText) : JobNode(place)
{
    private const int FoundCharsMax = 60;

    public string Text { get; } = text;

    public bool IsText { get; } = isText;

    public bool IsNull => !IsText && Text is "" or "~" or "null";

    public override string Found
    {
        get
        {
            if (IsNull)
            {
                return "nothing";
            }

            bool bare = !IsText && (Text is "true" or "false" || JobBinder.TryNumber(Text, out _));
            string shown = Text.Length > FoundCharsMax ? Text[..FoundCharsMax] + "..." : Text;
            shown = shown.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal);
            return bare ? shown : $"\"{shown}\"";
        }
    }
}

internal sealed class JobSequence(JobPlace place, List<JobNode> items) : JobNode(place)
{
    public List<JobNode> Items { get; } = items;

    public override string Found => "a list";
}

internal sealed class JobMapping(JobPlace place) : JobNode(place)
{
    public List<JobEntry> Entries { get; } = [];

    public override string Found => "a group of keys";

    /// <summary>The entry whose key is the same name by <see cref="JobNames.Same"/>, or null.</summary>
    public JobEntry? Find(string name) => Entries.Find(entry => JobNames.Same(entry.Key, name));
}

internal sealed record JobEntry(string Key, JobPlace Place, JobNode Value);
