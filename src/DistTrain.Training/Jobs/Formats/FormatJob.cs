using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>How files become samples: one alternative of data.format.</summary>
[JobChoices(typeof(IdxJob), typeof(TextJob), typeof(LinesJob), typeof(CsvJob), typeof(SeriesJob), typeof(CifarJob), typeof(PicturesJob))]
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
            : CifarSet.IsOne(path) ? new CifarJob()
            : Directory.Exists(path) ? PictureFolder.IsOne(path) ? new PicturesJob() : new IdxJob()
            : Path.GetExtension(name).ToLowerInvariant() switch
            {
                ".txt" => new TextJob(),
                ".csv" or ".tsv" => new CsvJob(),
                _ => new IdxJob(),
            };
    }

    /// <summary>How the job cuts.</summary>
    private protected static SplitOptions Split(Job job) => job.Data.Split(job.Train.Seed);

    /// <summary>How the job cuts what is cut in time.</summary>
    private protected static SplitOptions SplitInTime(Job job, string format) => job.Data.Folds is null
        ? Split(job)
        : throw new UserError($"data.folds: found {job.Data.Folds} with the format {format}, which is cut in time; allowed: data.test, such as 0.2");

    /// <summary>What is done to the numbers of tables and series.</summary>
    private protected static ColumnScale ScaleOf(Job job) => job.Data.Scale switch
    {
        ScaleKind.Unit => ColumnScale.None,
        ScaleKind.MinMax => ColumnScale.MinMax,
        _ => ColumnScale.Standard,
    };

    /// <exception cref="UserError">It is more than one character, or one that means something else in CSV.</exception>
    private protected static char? SeparatorOf(string? separator, string path) => separator switch
    {
        null => null,
        "\\t" => '\t',
        [var one] when one is not ('"' or '\n' or '\r') && one < 0x80 => one,
        _ => throw new UserError($"{path}.separator: found \"{separator}\"; allowed: one character, such as , or ; or \\t"),
    };

    /// <summary>Parts whose features are complete as they are: data.scale must not be given.</summary>
    private protected static JobData Whole(Splits splits, Job job, string format) => job.Data.Scale is null or ScaleKind.Unit
        ? new JobData(splits, splits, null)
        : throw new UserError($"data.scale: found {JobBinder.EnumName($"{job.Data.Scale}")}; allowed for {format}: unit");
}
