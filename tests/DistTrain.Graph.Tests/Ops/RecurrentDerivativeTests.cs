using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>Recurrent layers, forward and backward, against double precision.</summary>
public class RecurrentDerivativeTests
{
    public static TheoryData<string> Layers => ["lstm", "lstm without bias", "gru", "gru without bias", "gru reset before", "tanh", "relu"];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Last_state_has_the_derivative_of_its_formula(string name)
    {
        var b = new GraphBuilder();
        Check(b, b.Dense(b.Apply(Layer(name, sequences: false), b.Dense(b.Input(5, 3), 3)), 2));
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Stacked_layers_of_sequences_have_the_derivative_of_their_formula(string name)
    {
        var b = new GraphBuilder();
        Value first = b.Apply(Layer(name, sequences: true), b.Dense(b.Input(4, 3), 3));
        Check(b, b.Dense(b.Apply(Layer(name, sequences: true), first), 2));
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Padding_is_left_out_of_value_and_derivative(string name)
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Masking(b.Input(6, 3)), 3);
        Value sequences = b.Apply(Layer(name, sequences: true), x);
        Check(b, b.Dense(b.Apply(Layer(name, sequences: false), sequences), 2));
        b = new GraphBuilder();
        Check(b, b.Dense(b.Apply(Layer(name, sequences: true), b.Dense(b.Masking(b.Input(6, 3)), 3)), 2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Walking_backwards_has_the_derivative_of_its_formula(bool sequences)
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Masking(b.Input(5, 2)), 3);
        Check(b, b.Dense(b.Apply(new LSTM(4) { GoBackwards = true, ReturnSequences = sequences }, x), 2));
    }

    [Theory]
    [InlineData("lstm", BidirectionalMerge.Concat, true)]
    [InlineData("lstm", BidirectionalMerge.Concat, false)]
    [InlineData("gru", BidirectionalMerge.Sum, true)]
    [InlineData("gru reset before", BidirectionalMerge.Ave, true)]
    [InlineData("tanh", BidirectionalMerge.Ave, false)]
    [InlineData("gru", BidirectionalMerge.Mul, true)]
    [InlineData("lstm", BidirectionalMerge.Mul, false)]
    [InlineData("lstm without bias", BidirectionalMerge.Sum, false)]
    public void Both_directions_have_the_derivative_of_their_formula(string name, BidirectionalMerge merge, bool sequences)
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Masking(b.Input(5, 2)), 3);
        Check(b, b.Dense(b.Bidirectional(x, (RecurrentLayer)Layer(name, sequences), merge), 2));
    }

    [Fact]
    public void Shapes_and_parameters_are_Keras()
    {
        var b = new GraphBuilder();
        Value x = b.LSTM(b.Input(7, 5), 4, returnSequences: true);
        Assert.Equal(new Shape(7, 4), x.Shape);
        x = b.Bidirectional(b.GRU(x, 3, returnSequences: true), new SimpleRNN(2) { ReturnSequences = true });
        Assert.Equal(new Shape(7, 4), x.Shape);
        ModelGraph graph = b.Build(b.SimpleRNN(x, 6));
        Assert.Equal(new Shape(6), graph.Output.Shape);
        Assert.Equal(
            [
                "lstm/kernel (5, 16)", "lstm/recurrent_kernel (4, 16)", "lstm/bias (16)",
                "gru/kernel (4, 9)", "gru/recurrent_kernel (3, 9)", "gru/bias (2, 9)",
                "bidirectional/forward_kernel (3, 2)", "bidirectional/forward_recurrent_kernel (2, 2)", "bidirectional/forward_bias (2)",
                "bidirectional/backward_kernel (3, 2)", "bidirectional/backward_recurrent_kernel (2, 2)", "bidirectional/backward_bias (2)",
                "simple_rnn/kernel (4, 6)", "simple_rnn/recurrent_kernel (6, 6)", "simple_rnn/bias (6)",
            ],
            graph.Parameters.Select(parameter => $"{parameter.Name} {parameter.Shape}"));
        float[] bias = new float[16];
        graph.Parameters[2].Initialize(1, bias);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], bias);
    }

    [Fact]
    public void What_doesnt_fit_is_refused_by_name()
    {
        Assert.Contains("(steps, features)", Refused(b => b.LSTM(b.Input(4), 3)), StringComparison.Ordinal);
        Assert.Contains("0 units", Refused(b => b.GRU(b.Input(4, 2), 0)), StringComparison.Ordinal);
        Assert.Contains("tanh or relu", Refused(b => b.Apply(new SimpleRNN(3, Activation.Gelu), b.Input(4, 2))), StringComparison.Ordinal);
        Assert.Contains("both ways", Refused(b => b.Bidirectional(b.Input(4, 2), new LSTM(2) { GoBackwards = true })), StringComparison.Ordinal);
    }

    private static string Refused(Func<GraphBuilder, Value> build) => Assert.Throws<UserError>(() => build(new GraphBuilder())).Message;

    private static Op Layer(string name, bool sequences) => name switch
    {
        "lstm" => new LSTM(4) { ReturnSequences = sequences },
        "lstm without bias" => new LSTM(4) { ReturnSequences = sequences, UseBias = false },
        "gru" => new GRU(5) { ReturnSequences = sequences },
        "gru without bias" => new GRU(4) { ReturnSequences = sequences, UseBias = false },
        "gru reset before" => new GRU(3) { ReturnSequences = sequences, ResetAfter = false },
        "tanh" => new SimpleRNN(4) { ReturnSequences = sequences },
        _ => new SimpleRNN(5, Activation.ReLU) { ReturnSequences = sequences },
    };

    private static void Check(GraphBuilder builder, Value output) =>
        ExactGradientCheck.Check(builder.Build(output).WithLoss(new MeanSquaredError()));
}
