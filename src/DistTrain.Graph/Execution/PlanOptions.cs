namespace DistTrain.Graph;

/// <summary>Switches for tests that compare a plan with its plain twin; the default is what runs.</summary>
/// <param name="KeepEverything">Every value, gradient and scratch has memory of its own.</param>
/// <param name="Unfused">Relu runs as a node of its own.</param>
internal readonly record struct PlanOptions(bool KeepEverything = false, bool Unfused = false);
