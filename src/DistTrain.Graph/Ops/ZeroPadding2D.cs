using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Rows and columns of zeros around (height, width, channels). Backward: dx is dy without them.</summary>
/// <param name="top">Rows above; 0 or more, as the others.</param>
/// <param name="bottom">Rows below.</param>
/// <param name="left">Columns before.</param>
/// <param name="right">Columns after.</param>
public sealed class ZeroPadding2D(int top, int bottom, int left, int right) : Op
{
    /// <summary>As much on opposite sides; the default is Keras'.</summary>
    public ZeroPadding2D(WindowSize? padding = null)
        : this(padding?.Height ?? 1, padding?.Height ?? 1, padding?.Width ?? 1, padding?.Width ?? 1)
    {
    }

    public override string Kind => "zero_padding2d";

    public int Top { get; } = top;

    public int Bottom { get; } = bottom;

    public int Left { get; } = left;

    public int Right { get; } = right;

    public override BackwardReads Reads => BackwardReads.None;

    public override Shape InferShape(in OpInputs inputs) =>
        inputs[0].Rank != 3 ? throw inputs.Refuse("it needs (height, width, channels)")
        : Math.Min(Math.Min(Top, Bottom), Math.Min(Left, Right)) < 0 ? throw inputs.Refuse("paddings must be at least 0")
        : new Shape(inputs[0][0] + Top + Bottom, inputs[0][1] + Left + Right, inputs[0][2]);

    public override void Forward(ForwardContext context)
    {
        Span<float> y = context.Output;
        y.Clear();
        (int rows, int run, int first, int pitch) = Runs(context.InputShape(0), context.OutputShape);
        for (int r = 0; r < context.Rows * rows; r++)
        {
            int sample = r / rows * context.OutputShape.Length;
            context.Input(0).Slice(r * run, run).CopyTo(y[(sample + first + (r % rows * pitch))..]);
        }
    }

    public override void Backward(BackwardContext context)
    {
        Span<float> dx = context.InputGradient(0);
        (int rows, int run, int first, int pitch) = Runs(context.InputShape(0), context.OutputShape);
        for (int r = 0; r < context.Rows * rows; r++)
        {
            int sample = r / rows * context.OutputShape.Length;
            context.OutputGradient.Slice(sample + first + (r % rows * pitch), run).CopyTo(dx[(r * run)..]);
        }
    }

    public override string ToString() => $"ZeroPadding2D({Top}, {Bottom}, {Left}, {Right})";

    /// <summary>Rows of a picture, floats of a row, and where the first and each next one lies in the larger picture.</summary>
    private (int Rows, int Run, int First, int Pitch) Runs(Shape small, Shape large)
    {
        int pitch = large[1] * large[2];
        return (small[0], small[1] * small[2], (Top * pitch) + (Left * large[2]), pitch);
    }
}
