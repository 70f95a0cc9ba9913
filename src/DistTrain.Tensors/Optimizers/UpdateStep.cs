namespace DistTrain.Tensors;

/// <summary>What a rule must know of the step besides its run of weights.</summary>
/// <param name="Step">Steps before this one: 0 for the first.</param>
/// <param name="LearningRate">Of this step, from the schedule.</param>
/// <param name="Beta1Power">Running product of the rule's Beta1 including this step.</param>
/// <param name="Beta2Power">Running product of the rule's Beta2 including this step.</param>
/// <param name="GradientScale">Factor of the averaged gradient, from clipping by the global norm; 1 = none.</param>
public readonly record struct UpdateStep(long Step, float LearningRate, double Beta1Power, double Beta2Power, float GradientScale = 1f);
