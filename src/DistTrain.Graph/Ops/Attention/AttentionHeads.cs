using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Scaled dot-product attention of several heads side by side: y = softmax(q kᵀ / √width) v for each. Takes q, k and v as the thirds
/// of one value (positions, 3 d), or q (positions, d) and k, v as the halves of another (keys, 2 d); gives (positions, d).
/// Backward: dv = pᵀ dy, ds = p (dy vᵀ - Σ p dy vᵀ) / √width, dq = ds k, dk = dsᵀ q.
/// </summary>
/// <remarks>Padding of the keys' mask isn't seen; a query that sees nothing gives zeros.</remarks>
public sealed class AttentionHeads(int heads, bool causal = false, bool cross = false) : Op
{
    public override string Kind => "attention_heads";

    public int Heads { get; } = heads;

    /// <summary>Position i sees positions 0 to i alone.</summary>
    public bool Causal { get; } = causal;

    /// <summary>Keys and values come from a second input.</summary>
    public bool Cross { get; } = cross;

    public override int Arity => Cross ? 2 : 1;

    public override bool TakesMask => true;

    public override bool PassesMask => !Cross;

    public override Shape InferShape(in OpInputs inputs)
    {
        if (inputs[0].Rank != 2 || (Cross && inputs[1].Rank != 2))
        {
            throw inputs.Refuse("it needs (positions, features)");
        }

        int width = Cross ? inputs[0][1] : inputs[0][1] / 3;
        int wanted = Cross ? 2 * width : 3 * width, found = inputs[Cross ? 1 : 0][1];
        return wanted != found ? throw inputs.Refuse(Cross ? $"keys and values need {wanted} features" : "features must be three times the width")
            : Heads < 1 || width % Heads != 0 || width == 0 ? throw inputs.Refuse($"a width of {width} doesn't divide among {Heads} heads")
            : Causal && Cross && inputs[0][0] != inputs[1][0] ? throw inputs.Refuse("causal attention needs as many keys as queries")
            : new Shape(inputs[0][0], width);
    }

    public override void Forward(ForwardContext context)
    {
        AttentionShape shape = ShapeOf(context);
        ReadOnlySpan<float> q = context.Input(0), keys = Cross ? context.Input(1) : q[shape.Width..];
        int queryStride = context.InputShape(0)[1], keyStride = context.InputShape(Cross ? 1 : 0)[1];
        Tensors.Attention.Forward(
            context.Pool, shape, context.Rows, q, keys, keys[shape.Width..], queryStride, keyStride, KeyMask(context), context.Output);
    }

    public override void Backward(BackwardContext context)
    {
        AttentionShape shape = ShapeOf(context);
        int width = shape.Width, queryStride = context.InputShape(0)[1], keyStride = context.InputShape(Cross ? 1 : 0)[1];
        ReadOnlySpan<float> q = context.Input(0), keys = Cross ? context.Input(1) : q[width..];

        // An input without a gradient (data that nothing before it trains on) still needs a place for what is computed with the rest.
        Span<float> unwanted = Cross ? context.Scratch : default;
        Span<float> dq = context.WantsInputGradient(0) ? context.InputGradient(0) : unwanted[..q.Length];
        Span<float> dkeys = !Cross ? dq[width..] : context.WantsInputGradient(1) ? context.InputGradient(1) : unwanted[^keys.Length..];
        Tensors.Attention.Backward(
            context.Pool,
            shape,
            context.Rows,
            q,
            keys,
            keys[width..],
            queryStride,
            keyStride,
            KeyMask(context),
            context.OutputGradient,
            dq,
            dkeys,
            dkeys[width..]);
    }

    public override int ScratchPerSample(in OpInputs inputs) => Cross ? inputs[0].Length + inputs[1].Length : 0;

    public override string ToString() => $"AttentionHeads({Heads}{(Causal ? ", causal" : "")})";

    private ReadOnlySpan<float> KeyMask(OpContext context)
    {
        int keys = Cross ? 1 : 0;
        return context.HasMask(keys) ? context.Mask(keys) : default;
    }

    private AttentionShape ShapeOf(OpContext context)
    {
        Shape output = context.OutputShape;
        return new AttentionShape(output[0], context.InputShape(Cross ? 1 : 0)[0], Heads, output[1] / Heads, Causal);
    }
}
