using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Mean over the positions of (positions, features) that are there, giving (features); where all are padding, zeros. Backward:
/// dx = dy / their number, +0 at padding.
/// </summary>
public sealed class GlobalAveragePooling1D : Op
{
    public override string Kind => "global_average_pooling1d";

    public override bool TakesMask => true;

    public override BackwardReads Reads => BackwardReads.None;

    public override Shape InferShape(in OpInputs inputs) =>
        inputs[0].Rank == 2 ? new Shape(inputs[0][1]) : throw inputs.Refuse("it needs (positions, features)");

    /// <summary>Plain additions over positions ascending from +0, then a division.</summary>
    public override void Forward(ForwardContext context)
    {
        Shape input = context.InputShape(0);
        ReadOnlySpan<float> mask = context.HasMask() ? context.Mask() : default;
        for (int row = 0; row < context.Rows; row++)
        {
            ReadOnlySpan<float> x = context.Input(0).Slice(row * input.Length, input.Length);
            Span<float> y = context.Output.Slice(row * input[1], input[1]);
            y.Clear();
            int count = 0;
            for (int position = 0; position < input[0]; position++)
            {
                if (!mask.IsEmpty && mask[(row * input[0]) + position] == 0)
                {
                    continue;
                }

                count++;
                ReadOnlySpan<float> features = x.Slice(position * input[1], input[1]);
                for (int i = 0; i < y.Length; i++)
                {
                    y[i] += features[i];
                }
            }

            for (int i = 0; i < y.Length && count > 0; i++)
            {
                y[i] /= count;
            }
        }
    }

    public override void Backward(BackwardContext context)
    {
        Shape input = context.InputShape(0);
        ReadOnlySpan<float> mask = context.HasMask() ? context.Mask() : default;
        for (int row = 0; row < context.Rows; row++)
        {
            ReadOnlySpan<float> dy = context.OutputGradient.Slice(row * input[1], input[1]);
            Span<float> dx = context.InputGradient(0).Slice(row * input.Length, input.Length);
            ReadOnlySpan<float> there = mask.IsEmpty ? default : mask.Slice(row * input[0], input[0]);
            int count = mask.IsEmpty ? input[0] : there.Length - there.Count(0f);
            for (int position = 0; position < input[0]; position++)
            {
                Span<float> features = dx.Slice(position * input[1], input[1]);
                features.Clear();
                for (int i = 0; i < dy.Length && (there.IsEmpty || there[position] != 0); i++)
                {
                    features[i] = dy[i] / count;
                }
            }
        }
    }
}
