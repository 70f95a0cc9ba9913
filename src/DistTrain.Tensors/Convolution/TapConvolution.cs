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
            float* weights = scratch, packedBias = bias.IsEmpty ? null : scratch + packedFloats;
            if (data)
            {
                panels.PackTransposed(weightPointer, shape.KernelHeight * shape.KernelWidth, plan.SourceChannels, weights);
            }
            else if (panels.IsPacked)
            {
                weights = weightPointer;
            }
            else
            {
                panels.Pack(weightPointer, weightRows, weights);
            }

            if (packedBias != null)
            {
                panels.Pack(biasPointer, 1, packedBias);
            }

            TapJob job = TapJob.Of(plan, panels, samples);
            job.Source = sourcePointer;
            job.Target = targetPointer;
            job.Weights = weights;
            job.Bias = packedBias;
            job.Relu = relu;
            job.WeightRows = weightRows;
            job.Parts = pool.Threads == 1 ? 1 : (int)Math.Min(job.AllRows, pool.Threads * PartsPerThread);
            pool.Run(job.Parts, &RunPart, &job);
            GC.KeepAlive(plan);
        }
    }

    private static void RunPart(void* context, int part)
    {
        TapJob* job = (TapJob*)context;
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    private static void RunRows(TapJob* job, long sample, int first, int end)
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
}
