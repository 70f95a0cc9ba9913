using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("csv", "A table with a sample a row (RFC 4180, UTF-8, plain or .gz). Columns are named by their header or by their number from 1. What is fitted is fitted on the training part and saved with the model.")]
public sealed record CsvJob : FormatJob
{
    [JobKey("The column to be learnt.", Automatic = "the last column")]
    public string? Target { get; init; }

    [JobKey("number: the target is a number; category: it is a class, whatever it looks like.", Automatic = "category where it is text")]
    public ColumnKind? TargetKind { get; init; }

    [JobKey("Target texts (as they stand in the table) that are the class yes; all others are the class no.", Automatic = "each text is a class")]
    public IReadOnlyList<string>? Positive { get; init; }

    [JobKey("A column with what each row weighs in the loss while training, numbers from 0; validation and test are not weighted.", Automatic = "all weigh the same")]
    public string? Weight { get; init; }

    [JobKey("The first row names the columns.", Automatic = "true when none of its cells is a number or empty")]
    public bool? Header { get; init; }

    [JobKey("The character between cells; \\t is a tab.", Automatic = "a tab for .tsv, else a comma")]
    public string? Separator { get; init; }

    [JobKey("The columns that are features.", Automatic = "all but the target and those dropped")]
    public IReadOnlyList<string>? Features { get; init; }

    [JobKey("Columns that are left out.", Automatic = "none")]
    public IReadOnlyList<string>? Drop { get; init; }

    [JobKey("Columns of numbers: other text in them is refused. A column is one of numbers when all its cells are.", Automatic = "found from the cells")]
    public IReadOnlyList<string>? Numbers { get; init; }

    [JobKey("Columns of categories, even if they look like numbers: a place of the sample for each, 1 where it is and 0 elsewhere.", Automatic = "columns with text")]
    public IReadOnlyList<string>? Categories { get; init; }

    [JobKey("Missing cells (empty, NA, N/A, NaN, null or ?) of features. Categories: the most frequent one; with constant none of them.")]
    public MissingCells Missing { get; init; } = MissingCells.Mean;

    [JobKey("With missing: constant, the number.")]
    public double Constant { get; init; }

    [JobKey("Standardises target numbers for training; predictions are in the units of the table.")]
    public bool ScaleTarget { get; init; }

    internal override JobData Open(string path, Job job)
    {
        Splits splits = TableSet.Open(
            path,
            new TableOptions
            {
                Target = Target,
                TargetKind = TargetKind,
                Positive = Positive,
                Weight = Weight,
                Header = Header,
                Separator = SeparatorOf(Separator, "data.format.csv"),
                Features = Features,
                Drop = Drop ?? [],
                Numbers = Numbers ?? [],
                Categories = Categories ?? [],
                Missing = Missing,
                Constant = (float)Constant,
                Scale = ScaleOf(job),
                ScaleTarget = ScaleTarget,
            },
            Split(job));
        return new JobData(splits, splits, null);
    }
}
