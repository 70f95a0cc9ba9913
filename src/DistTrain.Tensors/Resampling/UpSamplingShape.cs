namespace DistTrain.Tensors;

/// <summary>Sizes of <see cref="UpSampling"/> of one sample.</summary>
/// <param name="Height">Rows of x.</param>
/// <param name="Width">Columns of x.</param>
/// <param name="Channels">Of both.</param>
/// <param name="FactorHeight">Rows of y for each of x.</param>
/// <param name="FactorWidth">Columns of y for each of x.</param>
/// <param name="Bilinear">Interpolates; else repeats.</param>
public readonly record struct UpSamplingShape(int Height, int Width, int Channels, int FactorHeight, int FactorWidth, bool Bilinear)
{
    /// <summary>Floats of one sample of x.</summary>
    public int InLength => Height * Width * Channels;

    /// <summary>Floats of one sample of y.</summary>
    public int OutLength => InLength * FactorHeight * FactorWidth;

    /// <exception cref="ArgumentException">A size is below 1 or a tensor exceeds an int.</exception>
    internal void Check()
    {
        bool sizes = Height > 0 && Width > 0 && Channels > 0 && FactorHeight > 0 && FactorWidth > 0;
        if (!sizes || (double)Height * Width * Channels * FactorHeight * FactorWidth > int.MaxValue)
        {
            throw new ArgumentException($"Sizes and factors must be at least 1, and a sample at most {int.MaxValue} floats: {this}.");
        }
    }
}
