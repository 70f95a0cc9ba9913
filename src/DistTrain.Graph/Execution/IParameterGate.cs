namespace DistTrain.Graph;

/// <summary>Holds a forward pass until the parameters it is about to use have arrived.</summary>
public interface IParameterGate
{
    /// <summary>
    /// Returns once the parameter may be read. Called on the executor's thread, once per parameter and pass, right before the
    /// first node that uses it. May throw to end the pass.
    /// </summary>
    void WaitFor(int parameterIndex);
}
