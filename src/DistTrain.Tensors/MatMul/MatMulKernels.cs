using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace DistTrain.Tensors;

/// <summary>The generated micro-kernels of one vector width: a table of addresses by tile height and vectors across.</summary>
internal readonly unsafe struct MatMulKernels
{
    private readonly nint* direct;
    private readonly nint* sliced;

    private MatMulKernels(
        int lanes, int rows, int vectors, delegate*<nint*, void> fillDirect, delegate*<nint*, void> fillSliced)
    {
        Lanes = lanes;
        Rows = rows;
        Vectors = vectors;
        direct = Table(rows * vectors, fillDirect);
        sliced = Table(rows * vectors, fillSliced);
    }

    /// <summary>Every width, widest first. All give the same bits on every machine; a width the machine lacks is only slow.</summary>
    public static MatMulKernels[] All { get; } =
    [
        new(MatMulKernels512.Lanes, MatMulKernels512.Rows, MatMulKernels512.Vectors, &MatMulKernels512.FillDirect, &MatMulKernels512.FillSliced),
        new(MatMulKernels256.Lanes, MatMulKernels256.Rows, MatMulKernels256.Vectors, &MatMulKernels256.FillDirect, &MatMulKernels256.FillSliced),
        new(MatMulKernels128.Lanes, MatMulKernels128.Rows, MatMulKernels128.Vectors, &MatMulKernels128.FillDirect, &MatMulKernels128.FillSliced),
    ];

    /// <summary>The widest set the machine has instructions for; without fused multiply-add there is none (the default value).</summary>
    public static MatMulKernels Best { get; } =
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? All[0] :
        Vector256.IsHardwareAccelerated && Fma.IsSupported ? All[1] :
        AdvSimd.Arm64.IsSupported || Fma.IsSupported ? All[2] :
        default;

    /// <summary>Floats in a vector; 0 in the default value.</summary>
    public int Lanes { get; }

    /// <summary>Rows of the largest tile of Direct.</summary>
    public int Rows { get; }

    /// <summary>Vectors across the widest tile.</summary>
    public int Vectors { get; }

    /// <summary>Columns of the widest tile.</summary>
    public int Columns => Lanes * Vectors;

    /// <summary>Rows of the largest tile of Sliced, which holds two sums at once.</summary>
    public int SlicedRows(int vectors) => Rows * Vectors / 2 / vectors;

    /// <summary>The kernel for a tile of rows x (vectors * Lanes) with a read by rows.</summary>
    public delegate*<nint, float*, nint, float*, nint, float*, nint, bool, float*, bool, void> Direct(int rows, int vectors) =>
        (delegate*<nint, float*, nint, float*, nint, float*, nint, bool, float*, bool, void>)direct[((vectors - 1) * Rows) + rows - 1];

    /// <summary>The kernel for a tile of rows x (vectors * Lanes) with a read by columns, summed up the slice tree.</summary>
    public delegate*<nint, int*, int*, float*, nint, float*, nint, float*, nint, float*, void> Sliced(int rows, int vectors) =>
        (delegate*<nint, int*, int*, float*, nint, float*, nint, float*, nint, float*, void>)sliced[((vectors - 1) * Rows) + rows - 1];

    /// <summary>Lives as long as the process, at a fixed address: contexts on the stack of a call point into it.</summary>
    private static nint* Table(int length, delegate*<nint*, void> fill)
    {
        nint* table = (nint*)RuntimeHelpers.AllocateTypeAssociatedMemory(typeof(MatMulKernels), length * sizeof(nint));
        fill(table);
        return table;
    }
}
