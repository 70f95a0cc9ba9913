using System.Runtime.CompilerServices;
using DistTrain.Data;
using DistTrain.Training;
using Microsoft.Extensions.Logging;

namespace DistTrain.Hosting;

/// <summary>
/// Trains models from C#, by the parameter-server protocol in this process: the bits of the weights depend on the model, the data
/// and <see cref="TrainerOptions.Train"/>, never on workers, servers or threads.
/// </summary>
/// <example><code>
/// var model = new Sequential { new Conv2D(32, 3, Activation.ReLU), new MaxPooling2D(2), new Flatten(), new Dense(10) };
/// TrainingRun run = await new Trainer().FitAsync(model, train, validation);
/// </code></example>
public sealed class Trainer(TrainerOptions? options = null, ILogger<Trainer>? logger = null)
{
    private readonly TrainerOptions options = options ?? new TrainerOptions();

    /// <summary>Trains a model, puts the weights into it, and returns how it went.</summary>
    /// <param name="model">Trained from new weights each time.</param>
    /// <param name="train">Samples and targets.</param>
    /// <param name="validation">Evaluated after each epoch; null: not.</param>
    /// <param name="test">Evaluated at the end; null: not.</param>
    /// <param name="callbacks">Called in this order for each event.</param>
    /// <param name="cancellationToken">Stops after a checkpoint.</param>
    /// <exception cref="Tensors.UserError">Model, data and options don't fit each other.</exception>
    /// <exception cref="TrainingFailedException">The run diverged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<TrainingRun> FitAsync(
        Model model,
        IDataSource train,
        IDataSource? validation = null,
        IDataSource? test = null,
        IReadOnlyList<TrainingCallback>? callbacks = null,
        CancellationToken cancellationToken = default)
    {
        (TrainingTask task, TrainingSession session) = Prepare(model, train, validation, test);
        return await FitAsync(model, task, session, callbacks ?? [], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same, event by event: what <c>disttrain train --json</c> prints.</summary>
    public async IAsyncEnumerable<TrainingEvent> RunAsync(
        Model model,
        IDataSource train,
        IDataSource? validation = null,
        IDataSource? test = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        (_, TrainingSession session) = Prepare(model, train, validation, test);
        await foreach (TrainingEvent happened in session.RunAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return happened;
        }
    }

    internal static async Task<TrainingRun> FitAsync(
        Model model, TrainingTask task, TrainingSession session, IReadOnlyList<TrainingCallback> callbacks, CancellationToken cancellationToken)
    {
        var epochs = new List<EpochCompleted>();
        RunDone? done = null;
        await foreach (TrainingEvent happened in session.RunAsync(cancellationToken).ConfigureAwait(false))
        {
            if (happened is EpochCompleted epoch)
            {
                epochs.Add(epoch);
            }

            done = happened as RunDone;
            foreach (TrainingCallback callback in callbacks)
            {
                callback.Dispatch(happened, session.Control);
            }
        }

        return new TrainingRun(model, task.Job, epochs, done!);
    }

    private (TrainingTask Task, TrainingSession Session) Prepare(Model model, IDataSource train, IDataSource? validation, IDataSource? test)
    {
        TrainingTask task = TrainingTask.Create(options, model, train, validation, test);
        if (options.Run.Out is null)
        {
            return (task, new TrainingSession(task, model, folder: null, from: null, processes: null, logger));
        }

        Checkpoint start = task.Start() with { DataSha256 = task.DataSha256 };
        return (task, new TrainingSession(task, model, RunFolder.Create(task.Job, DateTimeOffset.Now), start, processes: null, logger));
    }
}
