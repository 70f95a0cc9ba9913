namespace DistTrain.Training;

/// <summary>Keras' names of the losses.</summary>
public enum LossKind
{
    MeanSquaredError,
    MeanAbsoluteError,
    BinaryCrossentropy,
    SparseCategoricalCrossentropy,
}
