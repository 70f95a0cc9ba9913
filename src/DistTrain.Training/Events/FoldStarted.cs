namespace DistTrain.Training;

/// <summary>The run of one fold of a cross-validation begins.</summary>
/// <param name="Fold">From 1.</param>
/// <param name="Folds">How many there are.</param>
public sealed record FoldStarted(int Fold, int Folds) : TrainingEvent;
