namespace DistTrain.Training;

/// <summary>A checkpoint is complete on the disk.</summary>
public sealed record CheckpointWritten(long Step, string Path) : TrainingEvent;
