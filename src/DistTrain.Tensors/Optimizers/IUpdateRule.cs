namespace DistTrain.Tensors;

/// <summary>
/// An optimizer as an elementwise kernel over flat runs of weights. The owner of a block and the single-threaded trainer call
/// the same object; how a parameter vector is cut into runs never shows in the bits.
/// </summary>
/// <remarks>
/// For each element, in this order: gradient = gradientSum / weightSum (IEEE division); times the step's gradient scale; limited to ±clip value; + l2 · weight (one
/// fma; the derivative of ½ l2 w², PyTorch's weight_decay - Keras' l2(λ) is l2 = 2λ); + l1 · sign of the weight (one fma); the rule. Slots that come out below the
/// smallest normal number are stored as +0. Rules hold no state: it is in slots and <see cref="OptimizerState"/>.
/// </remarks>
public interface IUpdateRule
{
    /// <summary>Keras' name of the rule, lower case first.</summary>
    string Name { get; }

    /// <summary>Names of the state floats that each weight has; they start at +0.</summary>
    IReadOnlyList<string> SlotNames { get; }

    /// <summary>State floats for each weight.</summary>
    int SlotCount => SlotNames.Count;

    /// <summary>The learning rate of the library that the defaults are from.</summary>
    float DefaultLearningRate { get; }

    /// <summary>Base of the first running product; 1 for a rule without one.</summary>
    double Beta1 => 1;

    /// <summary>Base of the second running product; 1 for a rule without one.</summary>
    double Beta2 => 1;

    /// <summary>Factor of the first running product in a step, for rules whose momentum changes.</summary>
    /// <param name="step">Steps before it.</param>
    double Beta1At(long step) => Beta1;

    /// <summary>Writes new weights and slots beside or over the old.</summary>
    /// <param name="step">From <see cref="OptimizerState.Begin"/>; the same for all runs of a step.</param>
    /// <param name="gradientSum">[n], sum over the samples of the batch</param>
    /// <param name="weightSum">Sum of the sample weights, above 0; the batch size when samples are not weighted.</param>
    /// <param name="weights">[n]</param>
    /// <param name="newWeights">[n]; may be weights</param>
    /// <param name="slots">[SlotCount, n]</param>
    /// <param name="newSlots">[SlotCount, n]; may be slots</param>
    /// <exception cref="ArgumentException">Lengths disagree, spans overlap otherwise, or weightSum isn't a positive finite number.</exception>
    void Update(
        in UpdateStep step,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots);
}
