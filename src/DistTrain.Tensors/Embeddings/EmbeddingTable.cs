using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>Rows of a table by number: the forward pass of an embedding and its gradient.</summary>
/// <remarks>
/// The gradient costs as much as the rows that are named, and one pass of zeros over the table: a row's uses are found by a counting
/// sort, then summed by the order that docs/numerics.md states. A slice that doesn't name a row would add +0 to a sum that is
/// never -0, so it is passed over.
/// </remarks>
public static unsafe class EmbeddingTable
{
    [ThreadStatic]
    private static int[]? sortScratch;

    [ThreadStatic]
    private static FloatBuffer? sumScratch;

    /// <summary>y[i] = table[ids[i]].</summary>
    /// <param name="pool">Threads that share the ids.</param>
    /// <param name="tableRows">Rows of the table.</param>
    /// <param name="cols">Floats of a row.</param>
    /// <param name="ids">Row numbers as floats, each a whole number from 0 to tableRows - 1.</param>
    /// <param name="table">[tableRows, cols]</param>
    /// <param name="y">[ids.Length, cols]; apart from the table</param>
    /// <exception cref="ArgumentException">A length doesn't fit, or an id is no row: see <see cref="FirstOutside"/>.</exception>
    public static void Gather(ForkJoinPool pool, int tableRows, int cols, ReadOnlySpan<float> ids, ReadOnlySpan<float> table, Span<float> y)
    {
        ArgumentNullException.ThrowIfNull(pool);
        Matrix.Check("EmbeddingTable.Gather", tableRows, cols, table);
        Matrix.Check("EmbeddingTable.Gather", ids.Length, cols, y);
        CheckIds(tableRows, ids);
        fixed (float* pi = ids, pt = table, py = y)
        {
            var call = new GatherCall { Ids = pi, Table = pt, Y = py, Rows = ids.Length, Cols = cols };
            pool.Run(Matrix.Parts(pool, ids.Length, cols, out call.PartRows), &GatherPart, &call);
        }
    }

    /// <summary>
    /// gradient[v] = tree sum over the slices of (dy[i] added to +0 over the slice's i with ids[i] = v, ascending); +0 for a row that
    /// nobody names.
    /// </summary>
    /// <param name="pool">Threads that share the table's rows.</param>
    /// <param name="slices">Which ids form a slice, and the tree over them.</param>
    /// <param name="tableRows">Rows of the table.</param>
    /// <param name="cols">Floats of a row.</param>
    /// <param name="ids">[slices.Rows], as in <see cref="Gather"/></param>
    /// <param name="dy">[slices.Rows, cols]</param>
    /// <param name="gradient">[tableRows, cols]; apart from dy</param>
    /// <exception cref="ArgumentException">A length doesn't fit, spans overlap, or an id is no row.</exception>
    public static void ScatterAddSliced(
        ForkJoinPool pool, SliceTree slices, int tableRows, int cols, ReadOnlySpan<float> ids, ReadOnlySpan<float> dy, Span<float> gradient)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(slices);
        Matrix.CheckLength("EmbeddingTable.ScatterAddSliced", nameof(ids), ids, slices.Rows);
        Matrix.Check("EmbeddingTable.ScatterAddSliced", ids.Length, cols, dy);
        Matrix.Check("EmbeddingTable.ScatterAddSliced", tableRows, cols, gradient);
        CheckIds(tableRows, ids);
        if (gradient.Overlaps(dy))
        {
            throw new ArgumentException("EmbeddingTable.ScatterAddSliced: the gradient overlaps dy.");
        }

        int length = checked(tableRows + 1 + ids.Length);
        if (sortScratch is null || sortScratch.Length < length)
        {
            sortScratch = new int[Math.Max(length, 2 * (sortScratch?.Length ?? 0))];
        }

        Sort(tableRows, ids, sortScratch.AsSpan(0, tableRows + 1), sortScratch.AsSpan(tableRows + 1, ids.Length));
        fixed (float* pd = dy, pg = gradient)
        fixed (int* sorted = sortScratch, starts = slices.RowStarts, counts = slices.RowCounts, merges = slices.MergesAfter)
        {
            var call = new ScatterCall
            {
                Dy = pd,
                Gradient = pg,
                Starts = sorted,
                Uses = sorted + tableRows + 1,
                LeafStarts = starts,
                LeafRows = counts,
                Merges = merges,
                Leaves = slices.PresentLeaves,
                StackDepth = slices.StackDepth,
                TableRows = tableRows,
                Cols = cols,
            };
            pool.Run(Matrix.Parts(pool, tableRows, cols, out call.PartRows), &ScatterPart, &call);
        }
    }

    /// <summary>Position of the first id that is no whole number from 0 to tableRows - 1; -1 when all are.</summary>
    public static int FirstOutside(int tableRows, ReadOnlySpan<float> ids)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            float id = ids[i];
            if (!(id >= 0 && id < tableRows && id == (int)id))
            {
                return i;
            }
        }

        return -1;
    }

    private static void CheckIds(int tableRows, ReadOnlySpan<float> ids)
    {
        if (FirstOutside(tableRows, ids) is >= 0 and int at)
        {
            throw new ArgumentException($"EmbeddingTable: id {at} is {ids[at]}; the table has rows 0 to {tableRows - 1}.", nameof(ids));
        }
    }

    /// <summary>Positions of the ids by row, ascending within a row: row v's are uses[starts[v]] to uses[starts[v + 1] - 1].</summary>
    private static void Sort(int tableRows, ReadOnlySpan<float> ids, Span<int> starts, Span<int> uses)
    {
        starts.Clear();
        foreach (float id in ids)
        {
            starts[(int)id]++;
        }

        int end = 0;
        for (int v = 0; v <= tableRows; v++)
        {
            end += starts[v];
            starts[v] = end;
        }

        for (int i = ids.Length - 1; i >= 0; i--)
        {
            uses[--starts[(int)ids[i]]] = i;
        }
    }

    private static void GatherPart(void* context, int part)
    {
        var call = (GatherCall*)context;
        int end = Math.Min(call->Rows, (part + 1) * call->PartRows);
        for (int i = part * call->PartRows; i < end; i++)
        {
            new ReadOnlySpan<float>(call->Table + ((nint)(int)call->Ids[i] * call->Cols), call->Cols)
                .CopyTo(new Span<float>(call->Y + ((nint)i * call->Cols), call->Cols));
        }
    }

    private static void ScatterPart(void* context, int part)
    {
        var call = (ScatterCall*)context;
        int end = Math.Min(call->TableRows, (part + 1) * call->PartRows);
        float* stack = Scratch((call->StackDepth + 1) * call->Cols);
        for (int v = part * call->PartRows; v < end; v++)
        {
            float* row = call->Gradient + ((nint)v * call->Cols);
            if (call->Starts[v] == call->Starts[v + 1])
            {
                new Span<float>(row, call->Cols).Clear();
            }
            else
            {
                ScatterRow(call, call->Uses + call->Starts[v], call->Starts[v + 1] - call->Starts[v], stack);
                new ReadOnlySpan<float>(stack, call->Cols).CopyTo(new Span<float>(row, call->Cols));
            }
        }
    }

    /// <summary>The walk on <see cref="SliceTree"/> for one row of the table; its sum is left at the bottom of the stack.</summary>
    private static void ScatterRow(ScatterCall* call, int* uses, int count, float* stack)
    {
        int cols = call->Cols;

        // Bit k: partial sum k of the stack is of slices that name the row; others are +0 and take no part. The depth is at most 11.
        int named = 0, depth = 0, next = 0;
        for (int leaf = 0; leaf < call->Leaves; leaf++)
        {
            float* sum = stack + ((nint)depth * cols);
            int end = call->LeafStarts[leaf] + call->LeafRows[leaf];
            named &= ~(1 << depth);
            if (next < count && uses[next] < end)
            {
                named |= 1 << depth;
                new Span<float>(sum, cols).Clear();
                for (; next < count && uses[next] < end; next++)
                {
                    Add(sum, call->Dy + ((nint)uses[next] * cols), cols);
                }
            }

            depth++;
            for (int merge = 0; merge < call->Merges[leaf]; merge++)
            {
                depth--;
                float* left = stack + ((nint)(depth - 1) * cols), right = left + cols;
                if ((named >> depth & 1) == 0)
                {
                    continue;
                }

                if ((named >> (depth - 1) & 1) == 0)
                {
                    new ReadOnlySpan<float>(right, cols).CopyTo(new Span<float>(left, cols));
                    named |= 1 << (depth - 1);
                }
                else
                {
                    Add(left, right, cols);
                }
            }
        }
    }

    /// <summary>sum += x, each element one addition: the same bits in every width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* sum, float* x, int cols)
    {
        int i = 0;
        for (; i <= cols - 16; i += 16)
        {
            (Vector512.Load(sum + i) + Vector512.Load(x + i)).Store(sum + i);
        }

        for (; i <= cols - 4; i += 4)
        {
            (Vector128.Load(sum + i) + Vector128.Load(x + i)).Store(sum + i);
        }

        for (; i < cols; i++)
        {
            sum[i] += x[i];
        }
    }

    private static float* Scratch(int floats)
    {
        if (sumScratch is null || sumScratch.Length < floats)
        {
            sumScratch = new FloatBuffer(floats);
        }

        // A FloatBuffer never moves.
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(sumScratch.Span));
    }

    private struct GatherCall
    {
        public float* Ids;
        public float* Table;
        public float* Y;
        public int Rows;
        public int Cols;
        public int PartRows;
    }

    private struct ScatterCall
    {
        public float* Dy;
        public float* Gradient;
        public int* Starts;
        public int* Uses;
        public int* LeafStarts;
        public int* LeafRows;
        public int* Merges;
        public int Leaves;
        public int StackDepth;
        public int TableRows;
        public int Cols;
        public int PartRows;
    }
}
