using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>How a run is shown: as JSON lines, as plain lines, or with a progress bar.</summary>
internal interface ITrainingView
{
    /// <summary>Shows events until there are no more; exceptions of the run pass through.</summary>
    Task ShowAsync(IAsyncEnumerable<TrainingEvent> events);
}
