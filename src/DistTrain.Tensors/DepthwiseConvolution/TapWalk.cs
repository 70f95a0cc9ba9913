namespace DistTrain.Tensors;

/// <summary>The positions of x that one tap of a window meets, row by row of y: (sample, oy, ox) ascending, padding left out.</summary>
internal struct TapWalk
{
    private readonly PoolingShape shape;
    private readonly int ky;
    private readonly int firstColumn;
    private readonly int inputColumn;
    private readonly int endSample;
    private int sample;
    private int oy;

    public TapWalk(in PoolingShape shape, int tap, int firstSample, int samples)
    {
        this.shape = shape;
        ky = tap / shape.PoolWidth;
        int kx = tap % shape.PoolWidth;

        // ox with 0 <= ox stride + kx - pad < InWidth.
        firstColumn = Math.Max(0, (shape.PadLeft - kx + shape.StrideWidth - 1) / shape.StrideWidth);
        int reach = shape.InWidth + shape.PadLeft - kx;
        int endColumn = reach <= 0 ? 0 : Math.Min(shape.OutWidth, ((reach - 1) / shape.StrideWidth) + 1);
        Count = Math.Max(0, endColumn - firstColumn);
        inputColumn = (firstColumn * shape.StrideWidth) + kx - shape.PadLeft;
        Step = shape.StrideWidth * shape.Channels;
        sample = firstSample;
        endSample = firstSample + samples;
        oy = -1;
    }

    /// <summary>Positions of a row.</summary>
    public readonly int Count { get; }

    /// <summary>Floats from one position of x to the next.</summary>
    public readonly int Step { get; }

    /// <summary>First float of the row's first position in x.</summary>
    public long X { get; private set; }

    /// <summary>Likewise in dy.</summary>
    public long Dy { get; private set; }

    public bool NextRow()
    {
        while (sample < endSample)
        {
            if (++oy == shape.OutHeight)
            {
                oy = -1;
                sample++;
                continue;
            }

            int iy = (oy * shape.StrideHeight) + ky - shape.PadTop;
            if (iy >= 0 && iy < shape.InHeight && Count > 0)
            {
                X = ((long)sample * shape.InLength) + (((iy * shape.InWidth) + inputColumn) * shape.Channels);
                Dy = ((long)sample * shape.OutLength) + (((oy * shape.OutWidth) + firstColumn) * shape.Channels);
                return true;
            }
        }

        return false;
    }
}
