using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// <see cref="Dropout"/> of whole features of (positions, features): a feature is dropped at all positions of a sample or at none. Before a
/// recurrent layer it is what Keras' LSTM and GRU call dropout (Gal and Ghahramani 2016, without that of the state).
/// </summary>
/// <remarks>The mask is a function of (seed, pass, data-set index of the sample, node's name, feature).</remarks>
public sealed class SpatialDropout1D(float rate) : DropoutOp(rate)
{
    /// <summary>Positions at a time, on the stack; any number gives the same bits.</summary>
    private const int PositionsMax = 256;

    public override string Kind => "spatial_dropout1d";

    public override Shape InferShape(in OpInputs inputs) => inputs[0].Rank == 2
        ? base.InferShape(inputs)
        : throw inputs.Refuse("it needs (positions, features)");

    protected override void Mask(OpContext context, ReadOnlySpan<float> from, Span<float> to)
    {
        int positions = context.OutputShape[0], features = context.OutputShape[1];
        Span<int> sample = stackalloc int[Math.Min(positions, PositionsMax)];
        for (int row = 0; row < context.Rows; row++)
        {
            sample.Fill(context.SampleIndices[row]);
            for (int first = 0; first < positions; first += sample.Length)
            {
                int count = Math.Min(sample.Length, positions - first);
                int start = ((row * positions) + first) * features, length = count * features;
                DropoutMask.Apply(
                    context.Pool,
                    context.Seed,
                    (uint)context.Pass,
                    context.RandomStream,
                    sample[..count],
                    features,
                    Rate,
                    from.Slice(start, length),
                    to.Slice(start, length));
            }
        }
    }
}
