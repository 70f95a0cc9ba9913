namespace DistTrain.Graph;

/// <summary>Takes the gradients of a backward pass as they become complete, last layers first.</summary>
public interface IGradientSink
{
    /// <summary>Where to write the gradient: as many floats as the parameter has. Asked at least once; the same memory every time.</summary>
    Span<float> Destination(int parameterIndex);

    /// <summary>
    /// The destination holds the sum over all samples of the range, unnormalised, and won't be written again in this pass. Called
    /// on the executor's thread, exactly once per parameter, while earlier layers still have to compute.
    /// </summary>
    void Complete(int parameterIndex);
}
