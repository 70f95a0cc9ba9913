namespace DistTrain.Tensors;

/// <summary>Sizes of <see cref="Attention"/> of one sample.</summary>
/// <param name="Queries">Positions that ask, tq.</param>
/// <param name="Keys">Positions that are asked, tk.</param>
/// <param name="Heads">Heads, each with its own part of the features.</param>
/// <param name="HeadWidth">Features of a head.</param>
/// <param name="Causal">Query i sees keys 0 to i alone; needs as many keys as queries.</param>
public readonly record struct AttentionShape(int Queries, int Keys, int Heads, int HeadWidth, bool Causal)
{
    /// <summary>Features of a position: all heads side by side.</summary>
    public int Width => Heads * HeadWidth;

    /// <summary>[1 / √HeadWidth], formed in double precision.</summary>
    internal float Scale => (float)(1 / Math.Sqrt(HeadWidth));

    /// <exception cref="ArgumentException">A size is below 1, or causal positions don't pair.</exception>
    internal void Check()
    {
        if (Queries < 1 || Keys < 1 || Heads < 1 || HeadWidth < 1 || (Causal && Queries != Keys))
        {
            throw new ArgumentException($"Sizes must be at least 1, and causal attention needs as many keys as queries: {this}.");
        }
    }
}
