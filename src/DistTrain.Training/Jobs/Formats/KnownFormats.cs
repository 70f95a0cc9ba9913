namespace DistTrain.Training;

/// <summary>How the known sets that are plain files are read when a job says nothing else.</summary>
internal static class KnownFormats
{
    public static FormatJob Of(string set) => set switch
    {
        "tinyshakespeare" => new TextJob(),
        "rt-polarity" => new LinesJob(),
        _ => throw new InvalidOperationException($"The set {set} has no format."),
    };
}
