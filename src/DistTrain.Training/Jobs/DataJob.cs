using DistTrain.Data;
using DistTrain.Tensors;

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

    [JobKey("A file or folder of the same format with the test part.", IsPath = true, Automatic = "none", DecidesBits = false)]
    public string? TestPath { get; init; }

    [JobKey("How the files are to be read. Formats and their keys are below.", Automatic = "found from the files")]
    public FormatJob? Format { get; init; }

    [JobKey("Share of the training samples held back for validation.", Min = 0, Max = 1, BelowMax = true)]
    public double Validation { get; init; }

    [JobKey("Share of the samples held back for the final test, where the set brings no test part.", Min = 0, Max = 1, BelowMax = true)]
    public double Test { get; init; }

    [JobKey("Folds of a cross-validation, each with its share of every class: one is the test part, the others train. Not for texts and series, which are cut in time.", Min = 2, Max = 1000, Automatic = "none")]
    public int? Folds { get; init; }

    [JobKey("Which of the folds is the test part, from 1.", Min = 1, Max = 1000, Automatic = "each in turn, a run each; `train` ends with their mean and deviation")]
    public int? Fold { get; init; }

    [JobKey("Use the first so many training samples.", Min = 1, Max = int.MaxValue, Automatic = "all")]
    public int? Limit { get; init; }

    [JobKey("unit: bytes of pictures to 0..1, numbers as they are; standard: also mean 0 and deviation 1 over the training part; minMax, for tables and series: its smallest number to 0, its largest to 1.", Automatic = "unit for pictures, standard for tables and series")]
    public ScaleKind? Scale { get; init; }

    [JobKey("What is done to pictures while training, in this order. Each sample is changed anew in every pass, the same for any workers.", Automatic = "nothing")]
    public IReadOnlyList<AugmentJob>? Augment { get; init; }

    [JobKey("The target of a sample is the sample itself, as an auto-encoder learns it: scaled, without augmentation.")]
    public bool Reconstruct { get; init; }

    [JobKey("Mixes each training sample with another of its pass, by shares of Beta(mixup, mixup); targets become shares of classes, for categoricalCrossentropy.", Min = 0, AboveMin = true, Max = 1, Automatic = "no mixing")]
    public double? Mixup { get; init; }

    /// <summary>How the parts are cut.</summary>
    /// <exception cref="UserError">Keys don't fit each other.</exception>
    internal SplitOptions Split(ulong seed)
    {
        string? wrong = Fold is not null && Folds is null ? "data.fold: found without data.folds; allowed: together, such as folds: 5"
            : Folds is { } folds && Fold is null ? $"data.fold: missing beside data.folds; allowed: 1 to {folds} (only the command train takes all in turn)"
            : Fold > Folds ? $"data.fold: found {Fold}; allowed: 1 to {Folds}"
            : Folds is not null && Test != 0 ? "data.test: found beside data.folds; allowed: one of the two, since a fold is the test part"
            : TestPath is not null && (Test != 0 || Folds is not null) ? $"data.testPath: found beside data.{(Test != 0 ? "test" : "folds")}; allowed: one of the two"
            : TestPath is not null && Path is null ? "data.testPath: found without data.path; allowed: together"
            : null;
        return wrong is null
            ? new SplitOptions { ValidationFraction = Validation, TestFraction = Test, Folds = Folds ?? 0, Fold = Fold ?? 0, Limit = Limit, Seed = seed }
            : throw new UserError(wrong);
    }

    /// <summary>What changes batches of a training part; null: nothing.</summary>
    internal AugmentedBatches? Augmentation(IDataSource train, ulong seed, Standardization? standardization) => Augment is not { Count: > 0 } && Mixup is null
        ? null
        : new AugmentedBatches(train, [.. (Augment ?? []).Select(op => op.ToAugmentation())], Mixup is { } alpha ? new Mixup(alpha) : null, seed, standardization);
}
