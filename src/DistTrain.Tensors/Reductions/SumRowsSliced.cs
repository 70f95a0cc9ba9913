using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <content>Sums over rows, per slice and up the tree.</content>
public static unsafe partial class Reductions
{
    [ThreadStatic]
    private static FloatBuffer? partialSums;

    /// <summary>
    /// y[c] = tree sum over the slices of (x[r, c] added to +0 over the slice's rows ascending): bias gradients, and with one
    /// column loss and metric sums. Without any row y is +0.
    /// </summary>
    /// <param name="pool">Threads that share slices and columns.</param>
    /// <param name="slices">Which rows form a slice, and the tree over them.</param>
    /// <param name="cols">Columns of x.</param>
    /// <param name="x">[slices.Rows, cols]</param>
    /// <param name="y">[cols]; apart from x</param>
    public static void SumRowsSliced(ForkJoinPool pool, SliceTree slices, int cols, ReadOnlySpan<float> x, Span<float> y)
    {
        Matrix.Check("SumRowsSliced", slices.Rows, cols, x);
        Matrix.CheckLength("SumRowsSliced", nameof(y), y, cols);
        if (y.Overlaps(x))
        {
            throw new ArgumentException("SumRowsSliced: y overlaps x.");
        }

        y.Clear();
        int leaves = slices.PresentLeaves;
        if (leaves == 0 || cols == 0)
        {
            return;
        }

        int length = checked(leaves * cols);
        if (partialSums is null || partialSums.Length < length)
        {
            partialSums = new FloatBuffer(Math.Max(length, 2 * (partialSums?.Length ?? 512)));
        }

        Span<float> sums = partialSums.Span[..length];
        sums.Clear();
        fixed (float* px = x, ps = sums)
        fixed (int* starts = slices.RowStarts, counts = slices.RowCounts)
        {
            var call = new SliceCall { X = px, Sums = ps, Starts = starts, Counts = counts, Leaves = leaves, Cols = cols, Width = Lanes.Width };
            pool.Run(PlanParts(pool, slices.Rows, ref call), &SumPart, &call);
        }

        Climb(slices, cols, sums, y);
    }

    /// <summary>Slices in groups of four when rows are narrow (their chains of additions overlap), single slices by column blocks when wide.</summary>
    private static int PlanParts(ForkJoinPool pool, int rows, ref SliceCall call)
    {
        call.LeafGroup = call.Cols < 64 ? 4 : 1;
        call.ColBlock = pool.Threads == 1 || (long)rows * call.Cols < 32 * 1024 || call.Cols < 256
            ? call.Cols
            : (((call.Cols + (2 * pool.Threads) - 1) / (2 * pool.Threads)) + 63) & ~63;
        if (pool.Threads == 1 || (long)rows * call.Cols < 16 * 1024)
        {
            // One part walks all groups, so that small calls pay no fork.
            call.ColBlocks = 1;
            call.Groups = 1;
            call.GroupsPerPart = (call.Leaves + call.LeafGroup - 1) / call.LeafGroup;
            return 1;
        }

        call.GroupsPerPart = 1;
        call.Groups = (call.Leaves + call.LeafGroup - 1) / call.LeafGroup;
        call.ColBlocks = (call.Cols + call.ColBlock - 1) / call.ColBlock;
        return call.Groups * call.ColBlocks;
    }

    /// <summary>Adds the slices' sums by the tree, the earlier half first.</summary>
    private static void Climb(SliceTree slices, int cols, Span<float> sums, Span<float> y)
    {
        ReadOnlySpan<int> merges = slices.MergesAfter;
        int top = 0;
        for (int leaf = 0; leaf < merges.Length; leaf++)
        {
            // Partial sum k of the stack stands in row k: it's never behind the leaf that is read.
            if (top != leaf)
            {
                sums.Slice(leaf * cols, cols).CopyTo(sums.Slice(top * cols, cols));
            }

            for (int merge = 0; merge < merges[leaf]; merge++, top--)
            {
                Span<float> left = sums.Slice((top - 1) * cols, cols);
                Elementwise.Add(ForkJoinPool.Single, left, sums.Slice(top * cols, cols), left);
            }

            top++;
        }

        sums[..cols].CopyTo(y);
    }

    private static void SumPart(void* context, int part)
    {
        var call = (SliceCall*)context;
        int group = part / call->ColBlocks * call->GroupsPerPart;
        int firstCol = part % call->ColBlocks * call->ColBlock;
        int endCol = Math.Min(call->Cols, firstCol + call->ColBlock);
        for (int g = group; g < group + call->GroupsPerPart; g++)
        {
            int leaf = g * call->LeafGroup;
            int leaves = Math.Min(call->LeafGroup, call->Leaves - leaf);
            int col = firstCol;
            if (call->Width >= 16)
            {
                col = Columns<Lane512, Vector512<float>>(call, leaf, leaves, col, endCol);
            }

            if (call->Width >= 8)
            {
                col = Columns<Lane256, Vector256<float>>(call, leaf, leaves, col, endCol);
            }

            if (call->Width >= 4)
            {
                col = Columns<Lane128, Vector128<float>>(call, leaf, leaves, col, endCol);
            }

            Columns<ScalarLane, float>(call, leaf, leaves, col, endCol);
        }
    }

    /// <summary>As many whole vectors of columns as fit, from col on; returns the first column left over.</summary>
    private static int Columns<L, V>(SliceCall* call, int leaf, int leaves, int col, int endCol)
        where L : struct, ILane<V>
        where V : struct
    {
        nint stride = call->Cols;
        if (leaves == 4)
        {
            int rows = Math.Min(
                Math.Min(call->Counts[leaf], call->Counts[leaf + 1]),
                Math.Min(call->Counts[leaf + 2], call->Counts[leaf + 3]));
            for (; col <= endCol - L.Width; col += L.Width)
            {
                float* sums = call->Sums + (leaf * stride) + col;
                FourChains<L, V>(
                    call->Leaf(leaf) + col,
                    call->Leaf(leaf + 1) + col,
                    call->Leaf(leaf + 2) + col,
                    call->Leaf(leaf + 3) + col,
                    stride,
                    rows,
                    sums,
                    stride);
                for (int i = 0; i < 4; i++)
                {
                    OneChain<L, V>(call->Leaf(leaf + i) + (rows * stride) + col, stride, call->Counts[leaf + i] - rows, sums + (i * stride));
                }
            }

            return col;
        }

        for (int i = 0; i < leaves; i++)
        {
            float* x = call->Leaf(leaf + i), sums = call->Sums + ((leaf + i) * stride);
            int rows = call->Counts[leaf + i], c = col;
            for (; c <= endCol - (4 * L.Width); c += 4 * L.Width)
            {
                FourChains<L, V>(x + c, x + c + L.Width, x + c + (2 * L.Width), x + c + (3 * L.Width), stride, rows, sums + c, L.Width);
            }

            for (; c <= endCol - L.Width; c += L.Width)
            {
                OneChain<L, V>(x + c, stride, rows, sums + c);
            }
        }

        return endCol - ((endCol - col) % L.Width);
    }

    /// <summary>Four independent chains of additions, because one alone waits for the adder.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void FourChains<L, V>(float* x0, float* x1, float* x2, float* x3, nint stride, int rows, float* sums, nint sumStride)
        where L : struct, ILane<V>
        where V : struct
    {
        V s0 = L.Load(sums), s1 = L.Load(sums + sumStride), s2 = L.Load(sums + (2 * sumStride)), s3 = L.Load(sums + (3 * sumStride));
        for (int r = 0; r < rows; r++)
        {
            s0 = L.Add(s0, L.Load(x0));
            s1 = L.Add(s1, L.Load(x1));
            s2 = L.Add(s2, L.Load(x2));
            s3 = L.Add(s3, L.Load(x3));
            x0 += stride;
            x1 += stride;
            x2 += stride;
            x3 += stride;
        }

        L.Store(s0, sums);
        L.Store(s1, sums + sumStride);
        L.Store(s2, sums + (2 * sumStride));
        L.Store(s3, sums + (3 * sumStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void OneChain<L, V>(float* x, nint stride, int rows, float* sums)
        where L : struct, ILane<V>
        where V : struct
    {
        V sum = L.Load(sums);
        for (int r = 0; r < rows; r++)
        {
            sum = L.Add(sum, L.Load(x));
            x += stride;
        }

        L.Store(sum, sums);
    }

    private struct SliceCall
    {
        public float* X;
        public float* Sums;
        public int* Starts;
        public int* Counts;
        public int Leaves;
        public int Cols;
        public int Width;
        public int LeafGroup;
        public int GroupsPerPart;
        public int Groups;
        public int ColBlock;
        public int ColBlocks;

        /// <summary>First element of a slice.</summary>
        public readonly float* Leaf(int leaf) => X + ((long)Starts[leaf] * Cols);
    }
}
