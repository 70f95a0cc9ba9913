using System.Numerics;

namespace DistTrain.Tensors;

/// <summary>
/// dw: each tile of weights is summed in registers over the output pixels of some samples, kept between such chunks, and
/// merged with the sums of earlier slices while it is still in registers. Parts are runs of tiles, so no sum crosses a part;
/// when there are too few tiles for the threads, parts are slices, and the tree is climbed afterwards.
/// </summary>
internal static unsafe class ConvolutionWeightGradient
{
    /// <summary>x and dy of a chunk of samples stay in the second-level cache while all tiles read them.</summary>
    private const int ChunkFloats = 48 * 1024;

    /// <summary>Sums of all slices at once take at most 16 MiB; with more, parts are tiles whatever their number.</summary>
    private const long LeafSumFloatsMax = 4L << 20;

    /// <summary>With fewer tiles for each thread than this, some thread would wait for the last ones for long.</summary>
    private const int TilesPerThreadMin = 4;

    internal static void Run(
        ForkJoinPool pool,
        ConvolutionKernelSet kernels,
        in ConvolutionShape shape,
        SliceTree slices,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> dy,
        Span<float> dw)
    {
        if (slices.PresentLeaves == 0)
        {
            dw.Clear();
            return;
        }

        ConvolutionShape s = shape.WithLongestRows();
        WeightTilePlan plan = WeightTilePlan.For(s, kernels);
        bool byLeaf = pool.Threads > 1
            && slices.PresentLeaves > 1
            && plan.Tiles.Length < pool.Threads * TilesPerThreadMin
            && slices.PresentLeaves * (long)plan.Floats <= LeafSumFloatsMax;
        fixed (float* xPointer = x, dyPointer = dy, dwPointer = dw)
        fixed (int* starts = slices.RowStarts, counts = slices.RowCounts, merges = slices.MergesAfter)
        {
            var job = new WeightGradientJob
            {
                Shape = s,
                X = xPointer,
                Dy = dyPointer,
                Dw = dwPointer,
                Tiles = plan.Tiles.Pointer,
                TileCount = plan.Tiles.Length,
                Floats = plan.Floats,
                Starts = starts,
                Counts = counts,
                Merges = merges,
                Leaves = slices.PresentLeaves,
                Levels = slices.StackDepth + 1,
                LeafSums = byLeaf ? ConvolutionScratch.ForCall(slices.PresentLeaves * (long)plan.Floats) : null,
                Padded = s.PadTop + s.PadLeft + s.PadBottom + s.PadRight > 0,
                ChunkSamples = Math.Max(1, ChunkFloats / (s.InLength + s.OutLength)),
            };
            if (byLeaf)
            {
                pool.Run(job.Leaves, &RunLeaf, &job);
                MergeLeaves(&job);
            }
            else
            {
                job.Parts = Math.Min(pool.Threads, job.TileCount);
                pool.Run(job.Parts, &RunTiles, &job);
            }

            GC.KeepAlive(plan);
        }
    }

    /// <summary>All slices of the part's tiles; every tile has a stack of its own that all tiles push and pop in step.</summary>
    private static void RunTiles(void* context, int part)
    {
        WeightGradientJob* job = (WeightGradientJob*)context;
        int first = (int)((long)part * job->TileCount / job->Parts), end = (int)((long)(part + 1) * job->TileCount / job->Parts);
        WeightTile* tiles = job->Tiles + first, tilesEnd = job->Tiles + end;
        int before = tiles->Before, floats = tilesEnd[-1].Before + tilesEnd[-1].Floats - before;
        long sumFloats = ConvolutionScratch.Aligned((long)floats * job->Levels);
        float* scratch = ConvolutionScratch.ForPart(sumFloats + WeightGradientChunk.Floats(job, tilesEnd));
        var chunk = new WeightGradientChunk(job, scratch + sumFloats);
        for (int leaf = 0, level = 0; leaf < job->Leaves; leaf++)
        {
            SumLeaf(job, ref chunk, leaf, tiles, tilesEnd, scratch - ((nint)before * job->Levels), job->Levels, level, job->Merges[leaf]);
            level += 1 - job->Merges[leaf];
        }

        for (WeightTile* tile = tiles; tile != tilesEnd; tile++)
        {
            WriteTile(job, tile, scratch + ((nint)(tile->Before - before) * job->Levels));
        }
    }

    /// <summary>All tiles of one slice, unmerged.</summary>
    private static void RunLeaf(void* context, int leaf)
    {
        WeightGradientJob* job = (WeightGradientJob*)context;
        WeightTile* end = job->Tiles + job->TileCount;
        var chunk = new WeightGradientChunk(job, ConvolutionScratch.ForPart(WeightGradientChunk.Floats(job, end)));
        SumLeaf(job, ref chunk, leaf, job->Tiles, end, job->LeafSums + ((nint)leaf * job->Floats), 1, 0, 0);
    }

    private static void SumLeaf(
        WeightGradientJob* job, ref WeightGradientChunk chunk, int leaf, WeightTile* tiles, WeightTile* tilesEnd, float* sums, int levels, int level, int merges)
    {
        int sample = job->Starts[leaf], end = sample + job->Counts[leaf];
        for (bool resume = false; sample < end; resume = true)
        {
            int count = Math.Min(job->ChunkSamples, end - sample);
            chunk.Load(job, sample, count, tiles, tilesEnd);
            sample += count;
            for (WeightTile* tile = tiles; tile != tilesEnd; tile++)
            {
                ConvolutionWalk walk = chunk.Walk(job, tile, out float* dy);
                tile->Kernel(
                    &walk,
                    chunk.X + tile->Source,
                    dy,
                    sums + ((nint)tile->Before * levels) + (level * tile->Floats),
                    resume,
                    sample == end ? merges : 0);
            }
        }
    }

    /// <summary>Climbs the tree over whole leaves; the sum of a node takes the place of its left child.</summary>
    private static void MergeLeaves(WeightGradientJob* job)
    {
        Span<int> stack = stackalloc int[job->Levels];
        int stacked = 0;
        for (int leaf = 0; leaf < job->Leaves; leaf++)
        {
            int current = leaf;
            for (int merge = 0; merge < job->Merges[leaf]; merge++)
            {
                int left = stack[--stacked];
                Add(job->LeafSums + ((nint)left * job->Floats), job->LeafSums + ((nint)current * job->Floats), job->Floats);
                current = left;
            }

            stack[stacked++] = current;
        }

        for (WeightTile* tile = job->Tiles; tile != job->Tiles + job->TileCount; tile++)
        {
            WriteTile(job, tile, job->LeafSums + tile->Before);
        }
    }

    private static void Add(float* left, float* right, int count)
    {
        int i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Store(Vector.Load(left + i) + Vector.Load(right + i), left + i);
        }

        for (; i < count; i++)
        {
            left[i] += right[i];
        }
    }

    private static void WriteTile(WeightGradientJob* job, WeightTile* tile, float* sum)
    {
        float* to = job->Dw + ((nint)tile->Row * job->Shape.OutChannels) + tile->Channel;
        for (int row = 0; row < tile->Rows; row++, to += job->Shape.OutChannels, sum += tile->Width)
        {
            new ReadOnlySpan<float>(sum, tile->Valid).CopyTo(new Span<float>(to, tile->Valid));
        }
    }
}
