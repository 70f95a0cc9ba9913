using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("series", "A table with a step in time a row: a sample is a window of steps, its target the next steps of a column. Parts are cut in time; scales are fitted on the training part.")]
public sealed record SeriesJob : FormatJob
{
    [JobKey("The column that is forecast.", Automatic = "the last column")]
    public string? Target { get; init; }

    [JobKey("Steps that are seen.", Min = 1, Max = 1 << 20)]
    public int Window { get; init; } = 30;

    [JobKey("Steps that are forecast.", Min = 1, Max = 1 << 20)]
    public int Horizon { get; init; } = 1;

    [JobKey("The columns that are seen.", Automatic = "the target alone")]
    public IReadOnlyList<string>? Columns { get; init; }

    [JobKey("The first row names the columns.", Automatic = "true when none of its cells is a number or empty")]
    public bool? Header { get; init; }

    [JobKey("The character between cells; \\t is a tab.", Automatic = "a tab for .tsv, else a comma")]
    public string? Separator { get; init; }

    internal override JobData Open(string path, Job job)
    {
        Splits splits = SeriesSet.Open(
            path,
            new SeriesOptions
            {
                Target = Target,
                Columns = Columns,
                Window = Window,
                Horizon = Horizon,
                Header = Header,
                Separator = SeparatorOf(Separator, "data.format.series"),
                Scale = ScaleOf(job),
            },
            SplitInTime(job, "series"));
        return new JobData(splits, splits, null);
    }
}
