using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistTrain.Tensors;

/// <summary>The generated kernels of one vector width. All widths give the same bits; the widest accelerated one is used.</summary>
internal sealed unsafe class ConvolutionKernelSet
{
    private readonly nint[] taps;
    private readonly nint[] gradients;
    private readonly int[] pixelsMax;
    private readonly int[] rowsMax;

    internal ConvolutionKernelSet(int lanes, int skipMax, int groupsMax, int[] pixelsMax, int[] rowsMax)
    {
        Lanes = lanes;
        SkipMax = skipMax;
        GroupsMax = groupsMax;
        this.pixelsMax = pixelsMax;
        this.rowsMax = rowsMax;
        taps = new nint[3 * 32];
        gradients = new nint[3 * (groupsMax + 1) * 32];
    }

    internal static ConvolutionKernelSet Wide { get; } = ConvolutionKernels512.Create();

    internal static ConvolutionKernelSet Medium { get; } = ConvolutionKernels256.Create();

    internal static ConvolutionKernelSet Narrow { get; } = ConvolutionKernels128.Create();

    /// <summary>Without hardware fma every width computes it in software; the narrowest then costs least.</summary>
    internal static ConvolutionKernelSet Best { get; } =
        Vector512.IsHardwareAccelerated ? Wide : Vector256.IsHardwareAccelerated && Fma.IsSupported ? Medium : Narrow;

    /// <summary>Floats of a vector; panels are one or two vectors wide.</summary>
    internal int Lanes { get; }

    /// <summary>Largest <see cref="ConvolutionTap.Skip"/>.</summary>
    internal int SkipMax { get; }

    /// <summary>Most kernel rows in one gradient tile.</summary>
    internal int GroupsMax { get; }

    internal int PixelsMax(int vectors) => pixelsMax[vectors];

    internal int RowsMax(int vectors) => rowsMax[vectors];

    internal delegate*<ConvolutionTap*, ConvolutionTap*, float*, nint, float*, float*, nint, float*, bool, void> Taps(
        int vectors, int pixels) =>
        (delegate*<ConvolutionTap*, ConvolutionTap*, float*, nint, float*, float*, nint, float*, bool, void>)taps[(vectors * 32) + pixels];

    internal delegate*<ConvolutionWalk*, float*, float*, float*, bool, int, void> Gradient(int vectors, int groups, int rows) =>
        (delegate*<ConvolutionWalk*, float*, float*, float*, bool, int, void>)gradients[GradientIndex(vectors, groups, rows)];

    internal void SetTaps(
        int vectors,
        int pixels,
        delegate*<ConvolutionTap*, ConvolutionTap*, float*, nint, float*, float*, nint, float*, bool, void> kernel) =>
        taps[(vectors * 32) + pixels] = (nint)kernel;

    internal void SetGradient(
        int vectors, int groups, int rows, delegate*<ConvolutionWalk*, float*, float*, float*, bool, int, void> kernel) =>
        gradients[GradientIndex(vectors, groups, rows)] = (nint)kernel;

    private int GradientIndex(int vectors, int groups, int rows) => (((vectors * (GroupsMax + 1)) + groups) * 32) + rows;
}
