namespace DistTrain.Training;

/// <summary>
/// Marks a property as a key of the job. The property's name, type and initialiser with this attribute are the one description
/// of the key: reading, checking, overlays, error lines, docs/job.md and docs/job.schema.json all come from it.
/// </summary>
/// <param name="doc">One line for the reference; units belong here.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class JobKeyAttribute(string doc) : Attribute
{
    public string Doc { get; } = doc;

    public double Min { get; set; } = double.NegativeInfinity;

    public double Max { get; set; } = double.PositiveInfinity;

    /// <summary><see cref="Min"/> itself is refused.</summary>
    public bool AboveMin { get; set; }

    /// <summary><see cref="Max"/> itself is refused.</summary>
    public bool BelowMax { get; set; }

    /// <summary>What an absent value means when the property is null by default.</summary>
    public string? Automatic { get; set; }

    /// <summary>Keys of one section with the same group exclude each other; an overlay of one removes the others.</summary>
    public string? Group { get; set; }

    public bool Required { get; set; }

    /// <summary>
    /// Text that names a file or folder: relative to the job file when written there, else to the current directory. Kept whole,
    /// so that the job means the same from the run folder.
    /// </summary>
    public bool IsPath { get; set; }

    /// <summary>True: part of the job hash. False for keys that say where things are, not what they are.</summary>
    public bool DecidesBits { get; set; } = true;
}

/// <summary>The concrete records a choice (layer, optimizer) can be.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class JobChoicesAttribute(params Type[] types) : Attribute
{
    public Type[] Types { get; } = types;
}

/// <summary>Name and one-line description of one alternative of a choice.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class JobChoiceAttribute(string name, string doc) : Attribute
{
    public string Name { get; } = name;

    public string Doc { get; } = doc;
}
