namespace DistTrain.Graph;

/// <summary>
/// Multi-head attention (Vaswani et al., 2017), as Keras' MultiHeadAttention: a Dense to queries, keys and values, the heads, a Dense back
/// to the input's features. Of one value, or of two: queries from the first, keys and values from the second.
/// </summary>
/// <remarks>
/// Layers: "NAME-qkv" (or "NAME-query" and "NAME-keys"), "NAME-heads", "NAME". q, k and v lie side by side in one kernel, each of
/// heads times keyDim columns, head by head: the layout of PyTorch's in_proj_weight.
/// </remarks>
public sealed class MultiHeadAttention(int heads, int keyDim, bool causal = false, bool cross = false) : CompositeLayer
{
    public override string Kind => "multi_head_attention";

    public int Heads { get; } = heads;

    /// <summary>Features of a head.</summary>
    public int KeyDim { get; } = keyDim;

    /// <summary>Position i sees positions 0 to i alone.</summary>
    public bool Causal { get; } = causal;

    /// <summary>Takes a second value for keys and values.</summary>
    public bool Cross { get; } = cross;

    public override int Arity => Cross ? 2 : 1;

    public bool UseBias { get; init; } = true;

    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    public override Value Expand(GraphBuilder builder, ReadOnlySpan<Value> inputs, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        int width = Heads * KeyDim;
        int features = inputs[0].Shape.Rank == 2 ? inputs[0].Shape[1] : Math.Max(1, width);
        var attention = new AttentionHeads(Heads, Causal, Cross);
        Value heads = Cross
            ? builder.Apply(
                attention,
                [builder.Apply(Projection(width), inputs[0], $"{name}-query"), builder.Apply(Projection(2 * width), inputs[1], $"{name}-keys")],
                $"{name}-heads")
            : builder.Apply(attention, builder.Apply(Projection(3 * width), inputs[0], $"{name}-qkv"), $"{name}-heads");
        return builder.Apply(Projection(features), heads, name);
    }

    public override string ToString() => $"MultiHeadAttention({Heads}, {KeyDim}{(Causal ? ", causal" : "")})";

    private Dense Projection(int units) => new(units) { UseBias = UseBias, KernelInitializer = KernelInitializer };
}
