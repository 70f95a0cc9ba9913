using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>A depthwise convolution, then a 1x1 convolution over the channels.</summary>
[JobChoice("SeparableConv2D", "A depthwise convolution, then a 1x1 convolution over the channels.")]
public sealed record SeparableConv2DJob : LayerJob
{
    [JobKey("Output channels.", Required = true, Min = 1, Max = 1 << 16)]
    public int Filters { get; init; }

    [JobKey("The window.", Required = true, Min = 1, Max = 1024)]
    public WindowSize KernelSize { get; init; } = 1;

    [JobKey(ActivationDoc)]
    public ActivationKind Activation { get; init; } = ActivationKind.Linear;

    [JobKey(StridesDoc, Min = 1, Max = 1024)]
    public WindowSize Strides { get; init; } = 1;

    [JobKey(PaddingDoc)]
    public Padding Padding { get; init; } = Padding.Valid;

    [JobKey(UseBiasDoc)]
    public bool UseBias { get; init; } = true;

    public override Op ToOp() => new SeparableConv2D(Filters, KernelSize, Activation.ToOp()) { Strides = Strides, Padding = Padding, UseBias = UseBias };
}
