using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>What recurrent layers have in common.</summary>
[JobChoices(typeof(SimpleRNNJob), typeof(LSTMJob), typeof(GRUJob))]
public abstract record RecurrentLayerJob : LayerJob
{
    private protected const string UnitsDoc = "Numbers of the state.";

    [JobKey("The state after every step; false: after the last.")]
    public bool ReturnSequences { get; init; }

    [JobKey("Walks from the last step to the first; sequences come in the order walked.")]
    public bool GoBackwards { get; init; }

    [JobKey(UseBiasDoc)]
    public bool UseBias { get; init; } = true;

    [JobKey("First values of the weights of the input.")]
    public InitializerKind KernelInitializer { get; init; } = InitializerKind.GlorotUniform;

    [JobKey("First values of the weights of the state.")]
    public InitializerKind RecurrentInitializer { get; init; } = InitializerKind.Orthogonal;

    [JobKey("First values of the biases.")]
    public InitializerKind BiasInitializer { get; init; } = InitializerKind.Zeros;

    /// <summary>The layer of the graph.</summary>
    public abstract RecurrentLayer ToLayer();

    public sealed override Op ToOp() => ToLayer();

    /// <summary>The way back.</summary>
    internal static RecurrentLayerJob Of(RecurrentLayer layer)
    {
        RecurrentLayerJob job = layer switch
        {
            LSTM lstm => new LSTMJob { Units = lstm.Units, UnitForgetBias = lstm.UnitForgetBias },
            GRU gru => new GRUJob { Units = gru.Units, ResetAfter = gru.ResetAfter },
            SimpleRNN simple => new SimpleRNNJob { Units = simple.Units, Activation = ActivationKinds.Of(simple.StateActivation) ?? ActivationKind.Tanh },
            _ => throw new InvalidOperationException($"{layer} is no layer of this house."),
        };
        return job with
        {
            ReturnSequences = layer.ReturnSequences,
            GoBackwards = layer.GoBackwards,
            UseBias = layer.UseBias,
            KernelInitializer = InitializerKinds.Of(layer.KernelInitializer, InitializerKind.GlorotUniform),
            RecurrentInitializer = InitializerKinds.Of(layer.RecurrentInitializer, InitializerKind.Orthogonal),
            BiasInitializer = InitializerKinds.Of(layer.BiasInitializer, InitializerKind.Zeros),
        };
    }
}
