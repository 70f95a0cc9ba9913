namespace DistTrain.Graph;

/// <summary>
/// A pre-LN transformer block on (positions, features): a = x + attention(norm(x)); y = a + down(gelu(up(norm(a)))), the inner width four
/// times the features unless told (GPT-2; Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020).
/// </summary>
/// <remarks>Layers: "NAME-norm1", "NAME-attention" and its own, "NAME-sum", "NAME-norm2", "NAME-up", "NAME-down", "NAME".</remarks>
public sealed class TransformerBlock(int heads, bool causal = false) : CompositeLayer
{
    public override string Kind => "transformer_block";

    public int Heads { get; } = heads;

    /// <summary>Position i sees positions 0 to i alone.</summary>
    public bool Causal { get; } = causal;

    /// <summary>Width between up and down; 0: four times the features.</summary>
    public int Hidden { get; init; }

    /// <summary>Dropout behind the attention and behind down; 0: none.</summary>
    public float Dropout { get; init; }

    /// <summary>Of the two LayerNormalizations.</summary>
    public float Epsilon { get; init; } = LayerNormalization.KerasEpsilon;

    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    public override Value Expand(GraphBuilder builder, ReadOnlySpan<Value> inputs, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Value x = inputs[0];
        int features = x.Shape.Rank == 2 ? x.Shape[1] : Heads;
        Value norm = builder.Apply(new LayerNormalization { Epsilon = Epsilon }, x, $"{name}-norm1");
        var attention = new MultiHeadAttention(Heads, Math.Max(1, features / Math.Max(1, Heads)), Causal) { KernelInitializer = KernelInitializer };
        Value seen = Dropped(builder, builder.Apply(attention, norm, $"{name}-attention"), $"{name}-dropout1");
        Value sum = builder.Apply(new Add(), [x, seen], $"{name}-sum");
        norm = builder.Apply(new LayerNormalization { Epsilon = Epsilon }, sum, $"{name}-norm2");
        int hidden = Hidden > 0 ? Hidden : 4 * features;
        Value up = builder.Apply(new Dense(hidden, Activation.Gelu) { KernelInitializer = KernelInitializer }, norm, $"{name}-up");
        Value down = builder.Apply(new Dense(features) { KernelInitializer = KernelInitializer }, up, $"{name}-down");
        return builder.Apply(new Add(), [sum, Dropped(builder, down, $"{name}-dropout2")], name);
    }

    public override string ToString() => $"TransformerBlock({Heads}{(Causal ? ", causal" : "")})";

    private Value Dropped(GraphBuilder builder, Value x, string name) => Dropout == 0 ? x : builder.Dropout(x, Dropout, name);
}
