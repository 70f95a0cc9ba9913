using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>An update rule with its options. Names are Keras', forms and defaults PyTorch's (see the rules in Tensors).</summary>
[JobChoices(typeof(SgdJob), typeof(MomentumJob), typeof(NesterovJob), typeof(AdagradJob), typeof(RmspropJob), typeof(AdadeltaJob), typeof(AdamJob), typeof(AdamWJob), typeof(NadamJob))]
public abstract record OptimizerJob
{
    private protected const string LearningRateDoc = "Size of a step.";
    private protected const string EpsilonDoc = "Keeps the division finite.";

    /// <summary>Rate of every step.</summary>
    public abstract double LearningRate { get; init; }

    /// <summary>The rule that servers and <see cref="LocalTrainer"/> call.</summary>
    /// <param name="l2">Factor of the weight in the gradient; 0: none.</param>
    /// <param name="clipValue">Limit of the averaged gradient's elements; null: none.</param>
    /// <param name="l1">Factor of the weight's sign in the gradient; 0: none.</param>
    public IUpdateRule ToRule(double l2, double? clipValue, double l1 = 0) =>
        Create((float)l2, clipValue is { } limit ? (float)limit : float.PositiveInfinity, (float)l1);

    private protected abstract IUpdateRule Create(float l2, float clipValue, float l1);
}
