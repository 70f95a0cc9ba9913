namespace DistTrain.Data;

/// <summary>A decoded picture: rows of pixels from the top, channels interleaved, a byte each.</summary>
/// <param name="Height">In pixels.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Channels">1 grey, 3 red, green and blue.</param>
/// <param name="Pixels">Height × width × channels bytes.</param>
internal sealed record Picture(int Height, int Width, int Channels, byte[] Pixels)
{
    /// <summary>Larger pictures are refused before memory is taken for them.</summary>
    public const int SideMax = 1 << 14;

    /// <summary>Likewise: 64 million pixels.</summary>
    public const long PixelsMax = 1 << 26;

    /// <summary>The picture with 1 or 3 channels: grey is repeated, colour is weighed as in ITU-R BT.601 and rounded.</summary>
    public Picture WithChannels(int channels)
    {
        if (channels == Channels)
        {
            return this;
        }

        byte[] pixels = new byte[Height * Width * channels];
        for (int i = 0; i < Height * Width; i++)
        {
            if (channels == 3)
            {
                pixels.AsSpan(i * 3, 3).Fill(Pixels[i]);
            }
            else
            {
                pixels[i] = (byte)(((299 * Pixels[i * 3]) + (587 * Pixels[(i * 3) + 1]) + (114 * Pixels[(i * 3) + 2]) + 500) / 1000);
            }
        }

        return new Picture(Height, Width, channels, pixels);
    }
}
