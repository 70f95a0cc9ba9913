using System.Globalization;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Samples or predictions of numbers in [0, 1] as pictures: PNG, one file of all or a file each.</summary>
public static class PictureWriter
{
    /// <summary>Black pixels between the pictures of a grid.</summary>
    private const int Gap = 2;

    /// <summary>All pictures side by side, row by row. Numbers below 0 are black, those above 1 white.</summary>
    /// <param name="path">Of the PNG file; replaced if it is there.</param>
    /// <param name="samples">Whole pictures, one after the other.</param>
    /// <param name="shape">(height, width, channels) of each; 1 channel or 3.</param>
    /// <param name="columns">Pictures in a row; 0: as many as make the grid square.</param>
    /// <exception cref="UserError">The samples are no pictures, or too many for one.</exception>
    public static void WriteGrid(string path, ReadOnlySpan<float> samples, Shape shape, int columns = 0)
    {
        (int height, int width, int channels, int count) = Size(samples, shape);
        int across = Math.Min(count, columns > 0 ? columns : (int)Math.Ceiling(Math.Sqrt(count))), down = (count + across - 1) / across;
        long gridWidth = ((long)across * (width + Gap)) - Gap, gridHeight = ((long)down * (height + Gap)) - Gap;
        PictureFile.CheckSize(path, gridWidth, gridHeight);
        var grid = new Picture((int)gridHeight, (int)gridWidth, channels, new byte[gridHeight * gridWidth * channels]);
        for (int i = 0; i < count; i++)
        {
            int top = i / across * (height + Gap), left = i % across * (width + Gap);
            for (int y = 0; y < height; y++)
            {
                ToBytes(
                    samples.Slice(((i * height) + y) * width * channels, width * channels),
                    grid.Pixels.AsSpan((((top + y) * grid.Width) + left) * channels, width * channels));
            }
        }

        File.WriteAllBytes(path, PngEncoder.Encode(grid));
    }

    /// <summary>A file a picture, 00000.png and so on, in a folder that is made if it is missing: what predict reads as input.</summary>
    /// <inheritdoc cref="WriteGrid"/>
    public static void WriteEach(string folder, ReadOnlySpan<float> samples, Shape shape)
    {
        (int height, int width, int channels, int count) = Size(samples, shape);
        Directory.CreateDirectory(folder);
        for (int i = 0; i < count; i++)
        {
            var picture = new Picture(height, width, channels, new byte[shape.Length]);
            ToBytes(samples.Slice(i * shape.Length, shape.Length), picture.Pixels);
            File.WriteAllBytes(Path.Combine(folder, i.ToString("D5", CultureInfo.InvariantCulture) + ".png"), PngEncoder.Encode(picture));
        }
    }

    private static (int Height, int Width, int Channels, int Count) Size(ReadOnlySpan<float> samples, Shape shape)
    {
        if (shape.Rank != 3 || shape[2] is not (1 or 3))
        {
            throw new UserError($"pictures: found samples {shape}; allowed: (height, width, 1) or (height, width, 3)");
        }

        return samples.Length > 0 && samples.Length % shape.Length == 0
            ? (shape[0], shape[1], shape[2], samples.Length / shape.Length)
            : throw new ArgumentException($"{samples.Length} numbers are no whole number of pictures {shape}.", nameof(samples));
    }

    /// <summary>Halves are rounded up; a NaN is black.</summary>
    private static void ToBytes(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        for (int i = 0; i < values.Length; i++)
        {
            bytes[i] = values[i] > 0 ? (byte)((Math.Min(values[i], 1f) * byte.MaxValue) + 0.5f) : (byte)0;
        }
    }
}
