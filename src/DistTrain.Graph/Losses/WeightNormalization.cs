namespace DistTrain.Graph;

/// <summary>What the sum of weighted losses and gradients is divided by.</summary>
public enum WeightNormalization
{
    /// <summary>The sum of the weights, as PyTorch's CrossEntropyLoss(weight): a weighted mean.</summary>
    Weights,

    /// <summary>The number of samples, as Keras' class_weight and sample_weight: heavier samples make longer steps.</summary>
    Samples,
}
