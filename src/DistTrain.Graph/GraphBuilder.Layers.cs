namespace DistTrain.Graph;

/// <content>The layers by name, with Keras' arguments; each is <see cref="Apply(Op, Value, string)"/> of the op of that name.</content>
public sealed partial class GraphBuilder
{
    public Value Dense(Value input, int units, Activation? activation = null, bool useBias = true, string? name = null) =>
        Apply(new Dense(units, activation) { UseBias = useBias }, input, name);

    public Value Conv2D(
        Value input,
        int filters,
        WindowSize kernelSize,
        Activation? activation = null,
        WindowSize? strides = null,
        Padding padding = Padding.Valid,
        bool useBias = true,
        string? name = null) =>
        Apply(new Conv2D(filters, kernelSize, activation) { Strides = strides ?? 1, Padding = padding, UseBias = useBias }, input, name);

    /// <summary>Maximum over windows of (2, 2) unless a size is given; they step by their size unless strides are given.</summary>
    public Value MaxPooling2D(
        Value input, WindowSize? poolSize = null, WindowSize? strides = null, Padding padding = Padding.Valid, string? name = null) =>
        Apply(new MaxPooling2D(poolSize ?? 2) { Strides = strides, Padding = padding }, input, name);

    /// <summary>Mean over windows of (2, 2) unless a size is given; they step by their size unless strides are given.</summary>
    public Value AveragePooling2D(
        Value input, WindowSize? poolSize = null, WindowSize? strides = null, Padding padding = Padding.Valid, string? name = null) =>
        Apply(new AveragePooling2D(poolSize ?? 2) { Strides = strides, Padding = padding }, input, name);

    public Value GlobalAveragePooling2D(Value input, string? name = null) => Apply(new GlobalAveragePooling2D(), input, name);

    /// <summary>Mean over the positions of (positions, features) that are there.</summary>
    public Value GlobalAveragePooling1D(Value input, string? name = null) => Apply(new GlobalAveragePooling1D(), input, name);

    public Value Flatten(Value input, string? name = null) => Apply(new Flatten(), input, name);

    public Value Reshape(Value input, Tensors.Shape shape, string? name = null) => Apply(new Reshape(shape), input, name);

    /// <summary>A trainable row of <paramref name="outputDim"/> floats for each token id; with <paramref name="maskZero"/> id 0 is padding.</summary>
    public Value Embedding(Value input, int inputDim, int outputDim, bool maskZero = false, string? name = null) =>
        Apply(new Embedding(inputDim, outputDim) { MaskZero = maskZero }, input, name);

    /// <summary>Long short-term memory over (steps, features): the last state, or with <paramref name="returnSequences"/> every one.</summary>
    public Value LSTM(Value input, int units, bool returnSequences = false, string? name = null) =>
        Apply(new LSTM(units) { ReturnSequences = returnSequences }, input, name);

    /// <summary>Gated recurrent units over (steps, features): the last state, or with <paramref name="returnSequences"/> every one.</summary>
    public Value GRU(Value input, int units, bool returnSequences = false, string? name = null) =>
        Apply(new GRU(units) { ReturnSequences = returnSequences }, input, name);

    /// <summary>tanh(x W + h U + b) over (steps, features): the last state, or with <paramref name="returnSequences"/> every one.</summary>
    public Value SimpleRNN(Value input, int units, bool returnSequences = false, string? name = null) =>
        Apply(new SimpleRNN(units) { ReturnSequences = returnSequences }, input, name);

    /// <summary>A recurrent layer in both directions.</summary>
    public Value Bidirectional(
        Value input, RecurrentLayer layer, BidirectionalMerge merge = BidirectionalMerge.Concat, string? name = null) =>
        Apply(new Bidirectional(layer, merge), input, name);

    /// <summary>The value with a mask: positions whose features are all <paramref name="maskValue"/> are padding.</summary>
    public Value Masking(Value input, float maskValue = 0, string? name = null) => Apply(new Masking(maskValue), input, name);

    public Value Dropout(Value input, float rate, string? name = null) => Apply(new Dropout(rate), input, name);

    /// <summary>Elementwise sum of two or more values of one shape.</summary>
    public Value Add(params ReadOnlySpan<Value> inputs) => Apply(new Add(), inputs);

    public Value Multiply(params ReadOnlySpan<Value> inputs) => Apply(new Multiply(), inputs);

    /// <summary>Values side by side along their last axis.</summary>
    public Value Concatenate(params ReadOnlySpan<Value> inputs) => Apply(new Concatenate(), inputs);

    public Value Permute(Value input, params int[] dims) => Apply(new Permute(dims), input);

    public Value LayerNormalization(Value input, string? name = null) => Apply(new LayerNormalization(), input, name);

    public Value BatchNormalization(Value input, string? name = null) => Apply(new BatchNormalization(), input, name);

    /// <summary>Every position of (positions, features) sees the others, or those up to itself.</summary>
    public Value MultiHeadAttention(Value input, int heads, int keyDim, bool causal = false, string? name = null) =>
        Apply(new MultiHeadAttention(heads, keyDim, causal), input, name);

    public Value TransformerBlock(Value input, int heads, bool causal = false, string? name = null) =>
        Apply(new TransformerBlock(heads, causal), input, name);

    /// <summary>An activation as a layer of its own.</summary>
    public Value Activation(Value input, Activation activation, string? name = null) => Apply(activation, input, name);
}
