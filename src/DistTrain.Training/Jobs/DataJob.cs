using DistTrain.Data;

namespace DistTrain.Training;

/// <summary>Section data: a known set or files of one's own, and how they are cut.</summary>
public sealed record DataJob
{
    [JobKey("A known set; digits is drawn from a seed, the others are files in $DISTTRAIN_DATA or the cache.", Group = "source", Automatic = "digits")]
    public string? Set { get; init; }

    [JobKey("A file or folder with the data.", Group = "source", IsPath = true, Automatic = "the set", DecidesBits = false)]
    public string? Path { get; init; }

    [JobKey("A small set drawn from a seed, in place of files.", Group = "source", Automatic = "none")]
    public SyntheticJob? Synthetic { get; init; }

    [JobKey("How the files are to be read. Formats and their keys are below.", Automatic = "found from the files")]
    public FormatJob? Format { get; init; }

    [JobKey("Share of the training samples held back for validation.", Min = 0, Max = 1, BelowMax = true)]
    public double Validation { get; init; }

    [JobKey("Share of the samples held back for the final test, where the set brings no test part.", Min = 0, Max = 1, BelowMax = true)]
    public double Test { get; init; }

    [JobKey("Use the first so many training samples.", Min = 1, Max = int.MaxValue, Automatic = "all")]
    public int? Limit { get; init; }

    [JobKey("unit: bytes of pictures to 0..1, numbers as they are; standard: also mean 0 and deviation 1 over the training part; minMax, for tables and series: its smallest number to 0, its largest to 1.", Automatic = "unit for pictures, standard for tables and series")]
    public ScaleKind? Scale { get; init; }

    [JobKey("What is done to pictures while training, in this order. Each sample is changed anew in every pass, the same for any workers.", Automatic = "nothing")]
    public IReadOnlyList<AugmentJob>? Augment { get; init; }

    [JobKey("Mixes each training sample with another of its pass, by shares of Beta(mixup, mixup); targets become shares of classes, for categoricalCrossentropy.", Min = 0, AboveMin = true, Max = 1, Automatic = "no mixing")]
    public double? Mixup { get; init; }

    /// <summary>What changes batches of a training part; null: nothing.</summary>
    internal AugmentedBatches? Augmentation(IDataSource train, ulong seed, Standardization? standardization) => Augment is not { Count: > 0 } && Mixup is null
        ? null
        : new AugmentedBatches(train, [.. (Augment ?? []).Select(op => op.ToAugmentation())], Mixup is { } alpha ? new Mixup(alpha) : null, seed, standardization);
}
