using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>Makes a run of an engine; it is started by <see cref="IEngineRun.Start"/>.</summary>
/// <param name="start">Where to begin.</param>
/// <param name="folder">Where checkpoints go; null: they stay in memory.</param>
/// <param name="publish">Takes the events, one at a time.</param>
internal delegate IEngineRun EngineFactory(Checkpoint start, CheckpointFolder? folder, Action<TrainingEvent> publish);
