using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>
/// The loops of a recurrent layer: over blocks of samples, each walked through time on its own by one thread, with one product for
/// all samples of the block in each step. The state, the product and what is carried stand side by side in the thread's scratch.
/// </summary>
/// <remarks>
/// In place in [rows, steps, units] the rows of a step lie a power of two apart as often as not and fight for the same few lines of a
/// cache; side by side a step's product reads and writes some tens of KiB.
/// </remarks>
internal static unsafe class RecurrentDriver
{
    /// <summary>Samples of a block: four tiles of the matrix kernel.</summary>
    private const int BlockRowsMax = 48;

    [ThreadStatic]
    private static FloatBuffer? ofCall;

    [ThreadStatic]
    private static FloatBuffer? ofPart;

    /// <summary>Runs all blocks; the call's spans are pinned by the caller.</summary>
    public static void Run<TCell>(ForkJoinPool pool, ref RecurrentCall call, bool backward)
        where TCell : struct, IRecurrentCell
    {
        int units = call.Shape.Units, gates = call.Sizes.Gates;
        call.ProductGates = TCell.HasSecondProduct ? gates - 1 : gates;
        call.Width = Lanes.Width;
        float* copies = Rent(ref ofCall, (long)units * units * gates);
        call.First = backward || TCell.HasSecondProduct ? copies : call.Kernel;
        call.Second = copies + ((nint)units * units * call.ProductGates);
        if (call.First == copies)
        {
            Copy(call.Kernel, units, gates * units, 0, call.ProductGates * units, backward, copies);
        }

        if (TCell.HasSecondProduct)
        {
            Copy(call.Kernel, units, gates * units, call.ProductGates * units, units, backward, call.Second);
        }

        call.BlockRows = Math.Clamp((call.Shape.Rows + pool.Threads - 1) / pool.Threads, 1, BlockRowsMax);
        fixed (RecurrentCall* pointer = &call)
        {
            pool.Run((call.Shape.Rows + call.BlockRows - 1) / call.BlockRows, backward ? &BackwardPart<TCell> : &ForwardPart<TCell>, pointer);
        }
    }

    private static void ForwardPart<TCell>(void* context, int part)
        where TCell : struct, IRecurrentCell
    {
        var call = (RecurrentCall*)context;
        switch (call->Width)
        {
            case 16:
                Forward<TCell, Lane512, Vector512<float>>(call, part);
                break;
            case 8:
                Forward<TCell, Lane256, Vector256<float>>(call, part);
                break;
            case 4:
                Forward<TCell, Lane128, Vector128<float>>(call, part);
                break;
            default:
                Forward<TCell, ScalarLane, float>(call, part);
                break;
        }
    }

    private static void BackwardPart<TCell>(void* context, int part)
        where TCell : struct, IRecurrentCell
    {
        var call = (RecurrentCall*)context;
        switch (call->Width)
        {
            case 16:
                Backward<TCell, Lane512, Vector512<float>>(call, part);
                break;
            case 8:
                Backward<TCell, Lane256, Vector256<float>>(call, part);
                break;
            case 4:
                Backward<TCell, Lane128, Vector128<float>>(call, part);
                break;
            default:
                Backward<TCell, ScalarLane, float>(call, part);
                break;
        }
    }

    private static void Forward<TCell, L, V>(RecurrentCall* call, int part)
        where TCell : struct, IRecurrentCell
        where L : struct, ILane<V>
        where V : struct
    {
        RecurrentBlock block = Block(call, part);
        int units = call->Shape.Units, columns = call->ProductGates * units;
        block.Clear(block.State, units);
        block.Clear(block.Cell, units);
        for (int step = 0; step < call->Shape.Steps; step++)
        {
            Multiply(block.Rows, columns, units, block.State, call->First, block.Product, call->Bias);
            if (TCell.HasSecondProduct)
            {
                for (int i = 0; i < block.Rows; i++)
                {
                    RecurrentRow row = block.Row(call, i, step, columns, units);
                    if (call->IsThere(block.FirstRow + i, step))
                    {
                        TCell.Reset<L, V>(row);
                    }
                    else
                    {
                        new Span<float>(row.Factor, units).Clear();
                    }
                }

                Multiply(block.Rows, units, units, block.Factor, call->Second, block.SecondProduct, null);
            }

            for (int i = 0; i < block.Rows; i++)
            {
                RecurrentRow row = block.Row(call, i, step, columns, units);
                if (call->IsThere(block.FirstRow + i, step))
                {
                    TCell.Forward<L, V>(row);
                    continue;
                }

                RecurrentLane<L, V>.Stay(row);
                var extra = new Span<float>(row.Extra, call->Sizes.Extra * units);
                extra.Clear();
                if (TCell.HasCell)
                {
                    new ReadOnlySpan<float>(row.Cell, units).CopyTo(extra);
                }
            }
        }
    }

    private static void Backward<TCell, L, V>(RecurrentCall* call, int part)
        where TCell : struct, IRecurrentCell
        where L : struct, ILane<V>
        where V : struct
    {
        RecurrentBlock block = Block(call, part);
        int units = call->Shape.Units, columns = call->ProductGates * units;
        block.Clear(block.Product, units);
        block.Clear(block.Carry, units);
        block.Clear(block.Cell, units);
        for (int step = call->Shape.Steps - 1; step >= 0; step--)
        {
            for (int i = 0; i < block.Rows; i++)
            {
                RecurrentRow row = block.Row(call, i, step, units, columns);
                if (call->IsThere(block.FirstRow + i, step))
                {
                    TCell.Backward<L, V>(row);
                    continue;
                }

                RecurrentLane<L, V>.StayBackward(row);
                new Span<float>(row.Gates, call->Sizes.Gates * units).Clear();
                new Span<float>(row.Extra, TCell.HasCell ? 0 : call->Sizes.Extra * units).Clear();
                new Span<float>(row.Factor, columns).Clear();
                new Span<float>(row.SecondProduct, units).Clear();
            }

            if (TCell.HasSecondProduct)
            {
                Multiply(block.Rows, units, units, block.SecondProduct, call->Second, block.State, null);
                for (int i = 0; i < block.Rows; i++)
                {
                    if (call->IsThere(block.FirstRow + i, step))
                    {
                        TCell.ResetBackward<L, V>(block.Row(call, i, step, units, columns));
                    }
                }
            }

            if (step > 0)
            {
                Multiply(block.Rows, units, columns, block.Factor, call->First, block.Product, null);
            }
        }
    }

    private static RecurrentBlock Block(RecurrentCall* call, int part)
    {
        int first = part * call->BlockRows, rows = Math.Min(call->BlockRows, call->Shape.Rows - first);
        nint run = (nint)rows * call->Shape.Units;
        int gates = call->Sizes.Gates;
        float* memory = Rent(ref ofPart, run * (4 + (2 * gates)));
        return new RecurrentBlock
        {
            FirstRow = first,
            Rows = rows,
            State = memory,
            Cell = memory + run,
            Carry = memory + (2 * run),
            SecondProduct = memory + (3 * run),
            Product = memory + (4 * run),
            Factor = memory + ((4 + gates) * run),
        };
    }

    private static void Multiply(int m, int n, int k, float* a, float* b, float* c, float* bias) => MatMul.Nn(
        ForkJoinPool.Single,
        m,
        n,
        k,
        new ReadOnlySpan<float>(a, m * k),
        new ReadOnlySpan<float>(b, k * n),
        new Span<float>(c, m * n),
        new ReadOnlySpan<float>(bias, bias == null ? 0 : n));

    /// <summary>Columns [first, first + count) of a [rows, cols] matrix as one of their own, transposed or not.</summary>
    private static void Copy(float* from, int rows, int cols, int first, int count, bool transpose, float* to)
    {
        for (int i = 0; i < rows; i++)
        {
            var row = new ReadOnlySpan<float>(from + ((nint)i * cols) + first, count);
            if (!transpose)
            {
                row.CopyTo(new Span<float>(to + ((nint)i * count), count));
                continue;
            }

            for (int j = 0; j < count; j++)
            {
                to[((nint)j * rows) + i] = row[j];
            }
        }
    }

    private static float* Rent(ref FloatBuffer? buffer, long floats)
    {
        if (buffer is null || buffer.Length < floats)
        {
            buffer = new FloatBuffer(checked((int)floats));
        }

        // A FloatBuffer never moves, and the thread-static field keeps it.
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer.Span));
    }
}
