using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// Cuts target channels into panels of two vectors (the last one may be one vector) and packs weights so that a kernel reads
/// them in order: panel after panel, [rows, panel width], channels that don't exist as zeros.
/// </summary>
internal readonly unsafe struct ConvolutionPanels
{
    private readonly int lanes;

    internal ConvolutionPanels(int channels, int lanes)
    {
        Channels = channels;
        this.lanes = lanes;
        Count = (channels + (2 * lanes) - 1) / (2 * lanes);
    }

    internal int Channels { get; }

    internal int Count { get; }

    /// <summary>All panels' widths together: channels rounded up to whole vectors.</summary>
    internal int Width => (Channels + lanes - 1) / lanes * lanes;

    internal int Start(int panel) => panel * 2 * lanes;

    /// <summary>1 or 2.</summary>
    internal int Vectors(int panel) => Channels - Start(panel) > lanes ? 2 : 1;

    /// <summary>Channels of the panel that exist.</summary>
    internal int Valid(int panel) => Math.Min(Channels - Start(panel), 2 * lanes);

    /// <summary>Row-major w [rows, channels] is its own packing when there is one whole panel.</summary>
    internal bool IsPacked => Count == 1 && Width == Channels;

    /// <summary>Packs row-major w [rows, channels].</summary>
    internal void Pack(float* w, int rows, float* packed)
    {
        for (int panel = 0; panel < Count; panel++)
        {
            int width = Vectors(panel) * lanes, valid = Valid(panel);
            float* source = w + Start(panel);
            for (int row = 0; row < rows; row++, source += Channels, packed += width)
            {
                new ReadOnlySpan<float>(source, valid).CopyTo(new Span<float>(packed, width));
                new Span<float>(packed + valid, width - valid).Clear();
            }
        }
    }

    /// <summary>Packs w [taps, channels, rows] transposed within each tap: packed rows are (tap, row) ascending.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void PackTransposed(float* w, int taps, int rows, float* packed)
    {
        for (int panel = 0; panel < Count; panel++)
        {
            int width = Vectors(panel) * lanes, valid = Valid(panel);
            for (int tap = 0; tap < taps; tap++)
            {
                float* source = w + (((nint)tap * Channels + Start(panel)) * rows);
                for (int row = 0; row < rows; row++, source++, packed += width)
                {
                    float* from = source;
                    for (int channel = 0; channel < valid; channel++, from += rows)
                    {
                        packed[channel] = *from;
                    }

                    new Span<float>(packed + valid, width - valid).Clear();
                }
            }
        }
    }
}
