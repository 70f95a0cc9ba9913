using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>Embedding and recurrent layers against PyTorch's: tests/golden/recurrent.py, which says where conventions differ.</summary>
[Trait("Category", "Golden")]
public class GoldenRecurrentTests
{
    [Fact]
    public void Embedding_is_as_in_PyTorch() => GoldenCase.Load("embedding").Check((b, x) => b.Embedding(x[0], 6, 3));

    [Fact]
    public void LSTM_is_as_in_PyTorch()
    {
        GoldenCase.Load("lstm_sequences").Check((b, x) => b.LSTM(x[0], 4, returnSequences: true));
        GoldenCase.Load("lstm_last").Check((b, x) => b.LSTM(x[0], 4));
        GoldenCase.Load("lstm_bidirectional").Check((b, x) => b.Bidirectional(x[0], new LSTM(3) { ReturnSequences = true }));
    }

    [Fact]
    public void Masked_sequences_are_as_packed_ones_in_PyTorch() =>
        GoldenCase.Load("lstm_masked").Check((b, x) => b.LSTM(b.Masking(x[0]), 4));

    [Fact]
    public void GRU_is_as_in_PyTorch() => GoldenCase.Load("gru_sequences").Check((b, x) => b.GRU(x[0], 4, returnSequences: true));

    [Fact]
    public void SimpleRNN_is_as_in_PyTorch()
    {
        GoldenCase.Load("simple_rnn_tanh").Check((b, x) => b.SimpleRNN(x[0], 4, returnSequences: true));
        GoldenCase.Load("simple_rnn_relu").Check((b, x) => b.Apply(new SimpleRNN(4, Activation.ReLU) { ReturnSequences = true }, x[0]));
    }
}
