using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// Forward pass and data gradient: both sum, for every target pixel, a list of taps into the source. Parts are runs of
/// target rows over all samples.
/// </summary>
internal static unsafe class TapConvolution
{
    /// <summary>Parts for each thread: threads that are late take fewer.</summary>
    private const int PartsPerThread = 4;

    /// <param name="pool">Threads.</param>
    /// <param name="kernels">Vector width.</param>
    /// <param name="shape">Checked by the caller, as all lengths.</param>
    /// <param name="data">False: source x, target y; true: source dy, target dx.</param>
    /// <param name="samples">n.</param>
    /// <param name="source">[n, source pixels, source channels].</param>
    /// <param name="w">[ky, kx, ci, co].</param>
    /// <param name="target">[n, target pixels, target channels].</param>
    /// <param name="bias">[target channels] or empty.</param>
    /// <param name="relu">Epilogue.</param>
    internal static void Run(
        ForkJoinPool pool,
        ConvolutionKernelSet kernels,
        in ConvolutionShape shape,
        bool data,
        int samples,
        ReadOnlySpan<float> source,
        ReadOnlySpan<float> w,
        Span<float> target,
        ReadOnlySpan<float> bias,
        bool relu)
    {
        if (samples == 0)
        {
            return;
        }

        TapPlan plan = TapPlan.For(shape.WithLongestRows(), data, kernels);
        var panels = new ConvolutionPanels(plan.TargetChannels, kernels.Lanes);
        int weightRows = shape.KernelHeight * shape.KernelWidth * plan.SourceChannels;
        long packedFloats = ConvolutionScratch.Aligned((long)weightRows * panels.Width);
        float* scratch = ConvolutionScratch.ForCall(packedFloats + panels.Width);
        fixed (float* sourcePointer = source, weightPointer = w, targetPointer = target, biasPointer = bias)
        {
            float* packed = scratch;
            if (data)
            {
                panels.PackTransposed(weightPointer, shape.KernelHeight * shape.KernelWidth, plan.SourceChannels, packed);
            }
            else if (panels.IsPacked)
            {
                packed = weightPointer;
            }
            else
            {
                panels.Pack(weightPointer, weightRows, packed);
            }

            float* packedBias = null;
            if (!bias.IsEmpty)
            {
                packedBias = scratch + packedFloats;
                panels.Pack(biasPointer, 1, packedBias);
            }

            long rows = (long)samples * plan.Rows.Length;
            int parts = pool.Threads == 1 ? 1 : (int)Math.Min(rows, pool.Threads * PartsPerThread);
            var job = new Job
            {
                Source = sourcePointer,
                Target = targetPointer,
                Weights = packed,
                Bias = packedBias,
                Relu = relu,
                SourceFloats = plan.SourceFloats,
                TargetRowFloats = plan.TargetRowFloats,
                SourceStep = plan.SourceStep,
                TargetStep = plan.TargetStep,
                WeightRows = weightRows,
                Panels = panels,
                Rows = plan.Rows.Pointer,
                RowCount = plan.Rows.Length,
                SingleTiles = plan.SingleTiles.Pointer,
                SingleTileCount = plan.SingleTiles.Length,
                TwinTiles = plan.TwinTiles.Pointer,
                TwinTileCount = plan.TwinTiles.Length,
                Taps = plan.Taps.Pointer,
                Bounds = plan.Bounds.Pointer,
                AllRows = rows,
                Parts = parts,
            };
            pool.Run(parts, &RunPart, &job);
            GC.KeepAlive(plan);
        }
    }

    private static void RunPart(void* context, int part)
    {
        Job* job = (Job*)context;
        long row = part * job->AllRows / job->Parts, end = (part + 1) * job->AllRows / job->Parts;
        while (row < end)
        {
            long sample = row / job->RowCount;
            int first = (int)(row - (sample * job->RowCount));
            int last = (int)Math.Min(job->RowCount, first + (end - row));
            RunRows(job, sample, first, last);
            row += last - first;
        }
    }

    /// <summary>Panels outside, rows inside: a panel of the weights stays in the first-level cache for all rows of a sample.</summary>
    [SkipLocalsInit]
    private static void RunRows(Job* job, long sample, int first, int end)
    {
        // The widest tile of any width: 16 pixels x 1 vector of 16, or 14 x 2.
        float* edge = stackalloc float[14 * 32];
        float* source = job->Source + ((nint)sample * job->SourceFloats);
        float* target = job->Target + ((nint)sample * job->RowCount * job->TargetRowFloats);
        for (int panel = 0; panel < job->Panels.Count; panel++)
        {
            int start = job->Panels.Start(panel), valid = job->Panels.Valid(panel), vectors = job->Panels.Vectors(panel);
            int width = Math.Min(job->Panels.Width - start, job->Panels.Start(1));
            float* weights = job->Weights + ((nint)start * job->WeightRows);
            float* bias = job->Bias == null ? null : job->Bias + start;
            TapTile* tiles = vectors == 1 ? job->SingleTiles : job->TwinTiles;
            TapTile* tilesEnd = tiles + (vectors == 1 ? job->SingleTileCount : job->TwinTileCount);
            for (int y = first; y < end; y++)
            {
                TapRow row = job->Rows[y];
                float* targetRow = target + (y * job->TargetRowFloats) + start;
                for (TapTile* tile = tiles; tile != tilesEnd; tile++)
                {
                    int* bounds = job->Bounds + tile->Bounds;
                    ConvolutionTap* taps = job->Taps + bounds[row.First];
                    ConvolutionTap* tapsEnd = job->Taps + bounds[row.End];
                    float* pixels = source + row.Source + tile->Source;
                    if (valid == width)
                    {
                        tile->Kernel(
                            taps, tapsEnd, pixels, job->SourceStep, weights, targetRow + tile->Target, job->TargetStep, bias, job->Relu);
                        continue;
                    }

                    tile->Kernel(taps, tapsEnd, pixels, job->SourceStep, weights, edge, width, bias, job->Relu);
                    for (int i = 0; i < tile->Pixels; i++)
                    {
                        new ReadOnlySpan<float>(edge + (i * width), valid).CopyTo(
                            new Span<float>(targetRow + tile->Target + (i * job->TargetStep), valid));
                    }
                }
            }
        }
    }

    /// <summary>Everything a part reads; lives on the caller's stack.</summary>
    private struct Job
    {
        public float* Source;
        public float* Target;
        public float* Weights;
        public float* Bias;
        public bool Relu;
        public nint SourceFloats;
        public nint TargetRowFloats;
        public nint SourceStep;
        public nint TargetStep;
        public int WeightRows;
        public ConvolutionPanels Panels;
        public TapRow* Rows;
        public int RowCount;
        public TapTile* SingleTiles;
        public int SingleTileCount;
        public TapTile* TwinTiles;
        public int TwinTileCount;
        public ConvolutionTap* Taps;
        public int* Bounds;
        public long AllRows;
        public int Parts;
    }
}
