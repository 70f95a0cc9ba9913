using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>One JSON object a line on standard output, nothing else there.</summary>
internal sealed class JsonView(TextWriter output) : ITrainingView
{
    public async Task ShowAsync(IAsyncEnumerable<TrainingEvent> events)
    {
        await foreach (TrainingEvent happened in events.ConfigureAwait(false))
        {
            // Whole lines, at once: a reader at the other end of a pipe follows the run.
            await output.WriteLineAsync(TrainingEventJson.Line(happened)).ConfigureAwait(false);
            await output.FlushAsync().ConfigureAwait(false);
        }
    }
}
