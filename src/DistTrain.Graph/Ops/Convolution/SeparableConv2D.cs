namespace DistTrain.Graph;

/// <summary>
/// A <see cref="DepthwiseConv2D"/> without bias ("NAME-depthwise"), then a 1x1 <see cref="Conv2D"/> with bias and activation, as Keras'
/// SeparableConv2D.
/// </summary>
public sealed class SeparableConv2D(int filters, WindowSize kernelSize, Activation? activation = null) : CompositeLayer
{
    public override string Kind => "separable_conv2d";

    public int Filters { get; } = filters;

    public WindowSize KernelSize { get; } = kernelSize;

    public override Activation? Activation { get; } = Graph.Activation.OrNone(activation);

    public WindowSize Strides { get; init; } = 1;

    public Padding Padding { get; init; } = Padding.Valid;

    public bool UseBias { get; init; } = true;

    public override Value Expand(GraphBuilder builder, ReadOnlySpan<Value> inputs, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var depthwise = new DepthwiseConv2D(KernelSize) { Strides = Strides, Padding = Padding, UseBias = false };
        Value each = builder.Apply(depthwise, inputs[0], $"{name}-depthwise");
        return builder.Apply(new Conv2D(Filters, 1, Activation) { UseBias = UseBias }, each, name);
    }

    public override string ToString() => $"SeparableConv2D({Filters}, {KernelSize})";
}
