namespace DistTrain.Tensors;

/// <summary>
/// Some samples as the kernels read them: x with its padding written out as zeros, and the channels of dy that fill only
/// part of a panel in rows of the panel's width. What needs no change is read where it is.
/// </summary>
internal unsafe ref struct WeightGradientChunk
{
    private readonly float* padded;
    private readonly float* packed;
    private float* gradient;
    private int samples;

    public WeightGradientChunk(WeightGradientJob* job, float* scratch)
    {
        padded = scratch;
        long floats = PaddedFloats(job);
        packed = scratch + floats;

        // Only the inside is written from now on, so the border stays zero.
        new Span<float>(padded, (int)floats).Clear();
    }

    /// <summary>The first sample's first window, padding included.</summary>
    public float* X { get; private set; }

    /// <summary>Scratch floats for a part whose last tile ends at <paramref name="tilesEnd"/>; only the last panel can be partial.</summary>
    public static long Floats(WeightGradientJob* job, WeightTile* tilesEnd)
    {
        WeightTile last = tilesEnd[-1];
        long packed = last.Valid == last.Width ? 0 : (long)LargestCount(job) * Pixels(job) * last.Width;
        return PaddedFloats(job) + packed;
    }

    public void Load(WeightGradientJob* job, int sample, int count, WeightTile* tiles, WeightTile* tilesEnd)
    {
        ConvolutionShape s = job->Shape;
        samples = count;
        gradient = job->Dy + ((nint)sample * s.OutLength);
        X = job->X + ((nint)sample * s.InLength);
        if (job->Padded)
        {
            Pad(s, X, count);
            X = padded;
        }

        WeightTile last = tilesEnd[-1];
        if (last.Valid != last.Width)
        {
            Pack(gradient + last.Channel, (nint)count * Pixels(job), s.OutChannels, last);
        }
    }

    public readonly ConvolutionWalk Walk(WeightGradientJob* job, WeightTile* tile, out float* dy)
    {
        ConvolutionShape s = job->Shape;
        bool whole = tile->Valid == tile->Width;
        dy = whole ? gradient + tile->Channel : packed;
        nint step = (nint)s.StrideWidth * s.InChannels, gradientStep = whole ? s.OutChannels : tile->Width;
        nint rowFloats = (nint)(s.PadLeft + s.InWidth + s.PadRight) * s.InChannels;
        return new ConvolutionWalk
        {
            Step = step,
            RowSkip = (s.StrideHeight * rowFloats) - (s.OutWidth * step),
            SampleFloats = (s.PadTop + s.InHeight + s.PadBottom) * rowFloats,
            GroupStride = rowFloats,
            GradientStep = gradientStep,
            RowFloats = s.OutWidth * gradientStep,
            Rows = s.OutHeight,
            Samples = samples,
        };
    }

    private static int Pixels(WeightGradientJob* job) => job->Shape.OutHeight * job->Shape.OutWidth;

    private static int LargestCount(WeightGradientJob* job)
    {
        int largest = 0;
        for (int leaf = 0; leaf < job->Leaves; leaf++)
        {
            largest = Math.Max(largest, job->Counts[leaf]);
        }

        return Math.Min(largest, job->ChunkSamples);
    }

    private static long PaddedFloats(WeightGradientJob* job)
    {
        ConvolutionShape s = job->Shape;
        long rowFloats = (long)(s.PadLeft + s.InWidth + s.PadRight) * s.InChannels;
        return job->Padded
            ? ConvolutionScratch.Aligned(LargestCount(job) * (s.PadTop + s.InHeight + s.PadBottom) * rowFloats)
            : 0;
    }

    private readonly void Pad(in ConvolutionShape s, float* x, int count)
    {
        nint rowFloats = (nint)(s.PadLeft + s.InWidth + s.PadRight) * s.InChannels;
        int insideFloats = s.InWidth * s.InChannels;
        for (int n = 0; n < count; n++)
        {
            float* to = padded + ((((nint)n * (s.PadTop + s.InHeight + s.PadBottom)) + s.PadTop) * rowFloats) + (s.PadLeft * s.InChannels);
            for (int y = 0; y < s.InHeight; y++, x += insideFloats, to += rowFloats)
            {
                new ReadOnlySpan<float>(x, insideFloats).CopyTo(new Span<float>(to, insideFloats));
            }
        }
    }

    private readonly void Pack(float* dy, nint pixels, int channels, in WeightTile tile)
    {
        float* to = packed;
        for (nint i = 0; i < pixels; i++, dy += channels, to += tile.Width)
        {
            new ReadOnlySpan<float>(dy, tile.Valid).CopyTo(new Span<float>(to, tile.Width));
            new Span<float>(to + tile.Valid, tile.Width - tile.Valid).Clear();
        }
    }
}
