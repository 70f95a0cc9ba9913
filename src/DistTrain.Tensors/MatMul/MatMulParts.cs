using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// What one thread does for one part: for each panel of columns, put b in the form the kernel reads, then run down the rows
/// tile by tile. The panel stays in the first- or second-level cache while the rows of a pass by.
/// </summary>
internal static unsafe class MatMulParts
{
    /// <summary>Steps of the sum between two visits of a tile: a panel of 512 x 32 floats is 64 KiB. c holds the sum meanwhile, exactly.</summary>
    public const int StepsMax = 512;

    /// <summary>Rows of a part of Nn and Nt: 384 x 512 floats of a stay in the second-level cache while the panels pass by.</summary>
    public const int RowsMax = 384;

    [ThreadStatic]
    private static FloatBuffer? scratch;

    /// <summary>Body of Nn and Nt.</summary>
    [SkipLocalsInit]
    public static void Direct(void* context, int part)
    {
        MatMulContext* call = (MatMulContext*)context;
        call->Rectangle(part, out int row, out int rowEnd, out int column, out int columnEnd);
        MatMulKernels kernels = call->Kernels;
        int tileFloats = kernels.Rows * kernels.Columns;
        float* tile = Scratch(tileFloats + kernels.Columns + ((Math.Min(call->K, StepsMax) + MatMulPanels.SlackSteps) * kernels.Columns));
        float* paddedBias = tile + tileFloats;
        float* panel = paddedBias + kernels.Columns;
        int blocks = Math.Max(1, (call->K + StepsMax - 1) / StepsMax);
        int stepsPerBlock = (call->K + blocks - 1) / blocks;
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
                float* bias = call->Bias == null || !lastBlock ? null : call->Bias + j;
                if (bias != null && width < panelWidth)
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
                else
                {
                    float* from = call->B + ((nint)step * call->N) + j;
                    MatMulPanels.Copy(steps, width, panelWidth, from, call->N, call->B + ((nint)call->K * call->N), panel);
                }

                for (int i = row; i < rowEnd;)
                {
                    // The remaining rows in as many tiles as they need, as equal as they can be: 32 = 11 + 11 + 10.
                    int tiles = (rowEnd - i + kernels.Rows - 1) / kernels.Rows;
                    int rows = (rowEnd - i + tiles - 1) / tiles;
                    float* a = call->A + ((nint)i * call->K) + step;
                    float* c = call->C + ((nint)i * call->N) + j;
                    var kernel = kernels.Direct(rows, vectors);
                    if (width == panelWidth)
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

    /// <summary>Body of TnSliced; there is at least one present leaf.</summary>
    [SkipLocalsInit]
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
            MatMulPanels.Copy(call->K, width, panelWidth, call->B + j, call->N, call->B + ((nint)call->K * call->N), panel);
            for (int i = row; i < rowEnd;)
            {
                int tiles = (rowEnd - i + kernels.Rows - 1) / kernels.Rows;
                int rows = (rowEnd - i + tiles - 1) / tiles;
                float* c = call->C + ((nint)i * call->N) + j;
                bool whole = width == panelWidth;
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

    /// <summary>Memory of this thread that grows to the largest request and is kept.</summary>
    private static float* Scratch(int floats)
    {
        FloatBuffer? buffer = scratch;
        if (buffer is null || buffer.Length < floats)
        {
            buffer = new FloatBuffer((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)floats));
            scratch = buffer;
        }

        // A FloatBuffer never moves.
        return (float*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(buffer.Span));
    }
}
