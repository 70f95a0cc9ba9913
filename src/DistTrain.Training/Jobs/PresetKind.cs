namespace DistTrain.Training;

/// <summary>Networks of the house.</summary>
public enum PresetKind
{
    /// <summary>Dense 512, 256 and one output a class, relu between.</summary>
    Mlp,

    /// <summary>Convolution 3x3x32 relu, max-pool 2, convolution 3x3x64 relu, max-pool 2, flatten, dense.</summary>
    Cnn,

    /// <summary>Residual network of 8 layers.</summary>
    Resnet8,

    /// <summary>Residual network of 20 layers.</summary>
    Resnet20,

    /// <summary>Embedding and positions of 128, four causal transformer blocks of four heads, LayerNormalization, dense.</summary>
    CharTransformer,

    /// <summary>Characters or other tokens to the next one: embedding 64, LSTM 128, dense; starts as PyTorch's does.</summary>
    CharLstm,

    /// <summary>As char-lstm with a GRU 128.</summary>
    CharGru,

    /// <summary>For tables: Dense 64, 64 and one output a class or number, relu between.</summary>
    Tabular,
}
