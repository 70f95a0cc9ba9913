using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DistTrain.Tensors;

/// <summary>
/// What one thread does for one part: for each panel of columns, run down the rows tile by tile. The panel stays in the first-
/// or second-level cache while the rows of a pass by.
/// </summary>
/// <remarks>
/// Operands are read where they are; only what a kernel could not read (b transposed, the ragged last columns) is copied to a
/// panel first. Copies of whole panels, as BLAS makes, lost everywhere on the CPU this was tuned on: 32 x 512 x 784 212
/// against 278 GFLOP/s, 512 cubed 262 against 280, even 2048 cubed 190 against 220.
/// </remarks>
internal static unsafe class MatMulParts
{
    /// <summary>Steps of the sum between two visits of a tile: a panel of 512 x 32 floats is 64 KiB. c holds the sum meanwhile, exactly.</summary>
    private const int StepsMax = 512;

    /// <summary>Rows of a part of Nn and Nt: 240 x 512 floats of a stay in the second-level cache while the panels pass by.</summary>
    public const int RowsMax = 240;

    [ThreadStatic]
    private static FloatBuffer? scratch;

    /// <summary>Body of Nn and Nt.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    public static void Direct(void* context, int part)
    {
        MatMulContext* call = (MatMulContext*)context;
        call->Rectangle(part, out int row, out int rowEnd, out int column, out int columnEnd);
        MatMulKernels kernels = call->Kernels;
        int tileFloats = kernels.Rows * kernels.Columns;
        int blocks = Math.Max(1, (call->K + StepsMax - 1) / StepsMax);
        int stepsPerBlock = (call->K + blocks - 1) / blocks;
        float* tile = Scratch(tileFloats + kernels.Columns + ((stepsPerBlock + MatMulPanels.SlackSteps) * kernels.Columns));
        float* paddedBias = tile + tileFloats;
        float* panel = paddedBias + kernels.Columns;
        for (int block = 0; block < blocks; block++)
        {
            int step = block * stepsPerBlock;
            int steps = Math.Min(stepsPerBlock, call->K - step);
            bool lastBlock = block == blocks - 1;
            for (int j = column; j < columnEnd; j += kernels.Columns)
            {
                int width = Math.Min(kernels.Columns, columnEnd - j);
                int vectors = (width + kernels.Lanes - 1) / kernels.Lanes;
                int panelWidth = vectors * kernels.Lanes;
                bool whole = width == panelWidth;
                float* bias = call->Bias == null || !lastBlock ? null : call->Bias + j;
                if (bias != null && !whole)
                {
                    MatMulPanels.Copy(1, width, bias, 0, paddedBias, 0);
                    bias = paddedBias;
                }

                float* b = panel;
                nint ldb = panelWidth;
                if (call->TransposeB)
                {
                    MatMulPanels.Transpose(kernels.Lanes, steps, width, panelWidth, call->B + ((nint)j * call->K) + step, call->K, panel);
                }
                else if (!whole)
                {
                    float* end = call->B + ((nint)call->K * call->N);
                    MatMulPanels.Copy(steps, width, panelWidth, call->B + ((nint)step * call->N) + j, call->N, end, panel);
                }
                else
                {
                    b = call->B + ((nint)step * call->N) + j;
                    ldb = call->N;
                }

                for (int i = row; i < rowEnd;)
                {
                    int rows = EvenTile(rowEnd - i, kernels.Rows);
                    float* a = call->A + ((nint)i * call->K) + step;
                    float* c = call->C + ((nint)i * call->N) + j;
                    var kernel = kernels.Direct(rows, vectors);
                    if (whole)
                    {
                        kernel(steps, a, call->K, b, ldb, c, call->N, block > 0, bias, call->Relu && lastBlock);
                    }
                    else
                    {
                        if (block > 0)
                        {
                            MatMulPanels.Copy(rows, width, c, call->N, tile, panelWidth);
                        }

                        kernel(steps, a, call->K, b, ldb, tile, panelWidth, block > 0, bias, call->Relu && lastBlock);
                        MatMulPanels.Copy(rows, width, tile, panelWidth, c, call->N);
                    }

                    i += rows;
                }
            }
        }
    }

    /// <summary>Body of TnSliced; there is at least one present leaf. a is read in place: copies of its tiles cost 10 %.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    public static void Sliced(void* context, int part)
    {
        MatMulContext* call = (MatMulContext*)context;
        call->Rectangle(part, out int row, out int rowEnd, out int column, out int columnEnd);
        MatMulKernels kernels = call->Kernels;
        int tileFloats = kernels.Rows * kernels.Columns;
        float* tile = Scratch(checked((tileFloats * (call->Leaves.StackDepth + 1)) + (call->K * kernels.Columns)));
        float* stack = tile + tileFloats;
        float* panel = stack + (call->Leaves.StackDepth * tileFloats);
        for (int j = column; j < columnEnd; j += kernels.Columns)
        {
            int width = Math.Min(kernels.Columns, columnEnd - j);
            int vectors = (width + kernels.Lanes - 1) / kernels.Lanes;
            int panelWidth = vectors * kernels.Lanes;
            bool whole = width == panelWidth;
            MatMulPanels.Copy(call->K, width, panelWidth, call->B + j, call->N, call->B + ((nint)call->K * call->N), panel);
            for (int i = row; i < rowEnd;)
            {
                int rows = EvenTile(rowEnd - i, kernels.SlicedRows(vectors));
                float* c = call->C + ((nint)i * call->N) + j;
                kernels.Sliced(rows, vectors)(
                    call->Leaves.Count,
                    call->Leaves.RowCounts,
                    call->Leaves.MergesAfter,
                    call->A + i,
                    call->M,
                    panel,
                    panelWidth,
                    whole ? c : tile,
                    whole ? call->N : panelWidth,
                    stack);
                if (!whole)
                {
                    MatMulPanels.Copy(rows, width, tile, panelWidth, c, call->N);
                }

                i += rows;
            }
        }
    }

    /// <summary>Height of the next tile when the rows left are cut in as few tiles as will do, as equal as they can be: 32 = 11 + 11 + 10.</summary>
    private static int EvenTile(int rowsLeft, int rowsMax)
    {
        int tiles = (rowsLeft + rowsMax - 1) / rowsMax;
        return (rowsLeft + tiles - 1) / tiles;
    }

    /// <summary>Memory of this thread that grows to the largest request and is kept.</summary>
    private static float* Scratch(int floats)
    {
        FloatBuffer? buffer = scratch;
        if (buffer is null || buffer.Length < floats)
        {
            buffer = new FloatBuffer((int)BitOperations.RoundUpToPowerOf2((uint)floats));
            scratch = buffer;
        }

        // A FloatBuffer never moves.
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer.Span));
    }
}
