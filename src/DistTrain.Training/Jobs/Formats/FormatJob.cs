using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>How files become samples: one alternative of data.format.</summary>
[JobChoices(typeof(IdxJob), typeof(TextJob), typeof(LinesJob))]
public abstract record FormatJob
{
    /// <summary>Opens, cuts and scales; what is fitted is fitted on the training part alone.</summary>
    /// <param name="path">File or folder.</param>
    /// <param name="job">Its data and its seed.</param>
    /// <exception cref="UserError">Nothing is there, a file is malformed, a part would be empty, or a key means nothing here.</exception>
    internal abstract JobData Open(string path, Job job);

    /// <summary>The format that a file or folder seems to have; what can't be told is taken for IDX, whose reader then says what is wrong.</summary>
    internal static FormatJob Guess(string path)
    {
        string name = Path.GetFileName(path.TrimEnd('/', '\\'));
        name = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        return name.Contains('*', StringComparison.Ordinal) ? new LinesJob()
            : Directory.Exists(path) ? new IdxJob()
            : Path.GetExtension(name).ToLowerInvariant() switch
            {
                ".txt" => new TextJob(),
                ".tsv" => new LinesJob(),
                _ => new IdxJob(),
            };
    }

    /// <summary>How the job cuts.</summary>
    private protected static SplitOptions Split(Job job) => new()
    {
        ValidationFraction = job.Data.Validation,
        TestFraction = job.Data.Test,
        Limit = job.Data.Limit,
        Seed = job.Train.Seed,
    };

    /// <summary>Parts whose features are complete as they are: data.scale must not be given.</summary>
    private protected static JobData Whole(Splits splits, Job job, string format) => job.Data.Scale == ScaleKind.Unit
        ? new JobData(splits, splits, null)
        : throw new UserError($"data.scale: found {JobBinder.EnumName(job.Data.Scale.ToString())}; allowed for {format}: unit");
}
