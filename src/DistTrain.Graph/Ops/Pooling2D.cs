using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>What maximum and average pooling share: a window over (height, width, channels) that keeps the channels.</summary>
public abstract class Pooling2D(WindowSize poolSize) : Op
{
    public WindowSize PoolSize { get; } = poolSize;

    /// <summary>Null: the pool size, so that windows don't overlap.</summary>
    public WindowSize? Strides { get; init; }

    public Padding Padding { get; init; } = Padding.Valid;

    public override Shape InferShape(in OpInputs inputs)
    {
        WindowCheck.Require(inputs, PoolSize, Strides ?? PoolSize, Padding);
        PoolingShape shape = ShapeOf(inputs[0]);
        return new Shape(shape.OutHeight, shape.OutWidth, shape.Channels);
    }

    public override string ToString() => $"{GetType().Name}({PoolSize})";

    private protected PoolingShape ShapeOf(Shape x)
    {
        WindowSize strides = Strides ?? PoolSize;
        return Padding == Padding.Same
            ? PoolingShape.Same(x[0], x[1], x[2], PoolSize.Height, PoolSize.Width, strides.Height, strides.Width)
            : PoolingShape.Valid(x[0], x[1], x[2], PoolSize.Height, PoolSize.Width, strides.Height, strides.Width);
    }
}
