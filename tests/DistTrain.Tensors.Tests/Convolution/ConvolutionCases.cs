namespace DistTrain.Tensors.Tests;

/// <summary>Shapes that meet every path of the kernels: edges in all directions, strides, phases, odd channel counts, turned rows.</summary>
internal static class ConvolutionCases
{
    internal static readonly (string Name, ConvolutionShape Shape)[] All =
    [
        ("first layer", ConvolutionShape.Valid(28, 28, 1, 32, 3, 3)),
        ("second layer", ConvolutionShape.Valid(13, 13, 32, 64, 3, 3)),
        ("same, few channels", ConvolutionShape.Same(32, 32, 3, 16, 3, 3)),
        ("same", ConvolutionShape.Same(10, 12, 16, 16, 3, 3)),
        ("same, stride 2", ConvolutionShape.Same(16, 16, 16, 32, 3, 3, 2, 2)),
        ("1x1, stride 2", ConvolutionShape.Valid(16, 16, 16, 32, 1, 1, 2, 2)),
        ("1x1", ConvolutionShape.Valid(5, 7, 10, 33, 1, 1)),
        ("5x5 same", ConvolutionShape.Same(9, 9, 5, 10, 5, 5)),
        ("5x5 of LeNet", ConvolutionShape.Valid(14, 14, 6, 16, 5, 5)),
        ("7x7, stride 2, same", ConvolutionShape.Same(17, 15, 3, 33, 7, 7, 2, 2)),
        ("kernel larger than the input", new(3, 2, 3, 5, 5, 6, 1, 1, 2, 3, 2, 3)),
        ("windows wholly in the padding", new(2, 2, 2, 3, 2, 2, 1, 2, 4, 5, 3, 5)),
        ("stride larger than the kernel", ConvolutionShape.Valid(11, 13, 5, 10, 2, 2, 5, 4)),
        ("stride larger than the input", ConvolutionShape.Valid(3, 3, 4, 4, 2, 2, 7, 9)),
        ("1xN kernel", ConvolutionShape.Same(4, 30, 3, 5, 1, 5)),
        ("Nx1 kernel", ConvolutionShape.Valid(30, 3, 3, 5, 4, 1, 2, 1)),
        ("time series", ConvolutionShape.Same(50, 1, 3, 10, 5, 1, 2, 1)),
        ("one channel", ConvolutionShape.Same(6, 5, 1, 1, 3, 3)),
        ("one output pixel", ConvolutionShape.Valid(5, 5, 3, 17, 5, 5)),
        ("one pixel", ConvolutionShape.Valid(1, 1, 33, 10, 1, 1)),
        ("unequal strides and paddings", new(9, 11, 10, 31, 3, 4, 2, 3, 1, 0, 2, 3)),
        ("many channels", ConvolutionShape.Same(4, 4, 33, 70, 3, 3)),
    ];

    /// <summary>Theory data: indices, so that each case is reported apart.</summary>
    public static TheoryData<int, string> Indices()
    {
        var data = new TheoryData<int, string>();
        for (int i = 0; i < All.Length; i++)
        {
            data.Add(i, All[i].Name);
        }

        return data;
    }

    internal static ConvolutionKernelSet[] Widths => [ConvolutionKernelSet.Wide, ConvolutionKernelSet.Medium, ConvolutionKernelSet.Narrow];
}
