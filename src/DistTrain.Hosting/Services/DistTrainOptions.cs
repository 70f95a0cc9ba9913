using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>What a program's configuration says about training: the sections train and run of a job, under the same names and rules.</summary>
public sealed class DistTrainOptions
{
    /// <summary>Decides bits.</summary>
    public TrainJob Train { get; set; } = new();

    /// <summary>Never decides bits. Without <see cref="RunJob.Out"/>, no run folder is kept.</summary>
    public RunJob Run { get; set; } = new();

    /// <summary>Folder of data sets, each in a folder of its name; null: only the cache that a fetch fills.</summary>
    public string? DataFolder { get; set; }
}
