namespace DistTrain.Training;

/// <summary>What a trainer does with a model and data: the sections train and run of a job.</summary>
public sealed record TrainerOptions
{
    /// <summary>Decides bits.</summary>
    public TrainJob Train { get; init; } = new();

    /// <summary>Never decides bits. Without <see cref="RunJob.Out"/>, no run folder is kept.</summary>
    public RunJob Run { get; init; } = new();

    /// <summary>The job of training this model by these options, checked like one from a file.</summary>
    /// <exception cref="Tensors.UserError">A value is out of range.</exception>
    public Job ToJob(ModelJob model) => JobFile.Checked(new Job { Model = model, Train = Train, Run = Run }, "options");
}
