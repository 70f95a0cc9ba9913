using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>What RUN|MODEL means: a folder with a saved model, or a run that has come as far as a checkpoint.</summary>
/// <param name="Model">With weights.</param>
/// <param name="Job">Of the run; null for a model alone.</param>
internal sealed record ModelArgument(Model Model, Job? Job)
{
    public static ModelArgument Open(string path, Terminal terminal)
    {
        if (!Directory.Exists(path))
        {
            throw new UserError($"{path}: there is no such folder; allowed: a run folder, or a folder with model.json");
        }

        bool isRun = File.Exists(Path.Combine(path, "job.yaml"));
        if (File.Exists(Path.Combine(path, "model.json")))
        {
            return new ModelArgument(Model.Load(path), isRun ? RunFolder.Open(path).Job : null);
        }

        if (!isRun)
        {
            throw new UserError($"{path}: has no model.json and no job.yaml; allowed: a run folder, or a folder with model.json");
        }

        // The run is not over: its newest checkpoint, with the architecture that its job and data give.
        RunFolder folder = RunFolder.Open(path);
        TrainingTask task = TrainingTask.Open(folder.Job, DataArgument.Folders(terminal));
        Checkpoint checkpoint = folder.Checkpoints(task.Layout).ReadNewest(out _)
            ?? throw new UserError($"{path}: has no sound checkpoint yet");
        var model = new Model(task.ResultGraph);
        model.Adopt(task, task.ResultWeights(checkpoint));
        return new ModelArgument(model, folder.Job);
    }

    /// <summary>The data that a command was given, or else those of the run, cut as the run cut them.</summary>
    /// <exception cref="UserError">There are none, or the model is a generator, which takes none.</exception>
    public Splits Data(string? data, Terminal terminal) => Job?.Model.Gan is not null
        ? throw new UserError("the model makes samples and takes none; allowed: predict with --generate, such as --generate 10")
        : data is not null
        ? Model.Input is { } input and not PictureInput ? new Splits(input.Open(DataArgument.FileOf(data, terminal))) : DataArgument.Open(data, terminal)
        : Job is not null
            ? JobData.Open(Job, DataArgument.Folders(terminal)).Raw
            : throw new UserError("--data: missing; a model doesn't say what it was trained on; allowed: a known set, or a file or folder");
}
