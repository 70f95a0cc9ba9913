using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>PGM and PPM, plain (P2, P3) and raw (P5, P6), as Netpbm documents them. Values are scaled to 0..255, rounded.</summary>
internal static class PnmDecoder
{
    /// <exception cref="UserError">The file is cut short or damaged.</exception>
    public static Picture Decode(string path, byte[] file)
    {
        int at = 2;
        int channels = file[1] is (byte)'3' or (byte)'6' ? 3 : 1;
        int width = Number(path, file, ref at, "the width", int.MaxValue), height = Number(path, file, ref at, "the height", int.MaxValue);
        int largest = Number(path, file, ref at, "the largest value", ushort.MaxValue);
        PictureFile.CheckSize(path, width, height);
        if (largest == 0)
        {
            throw new UserError($"{path}: damaged: the largest value is 0; allowed 1 to 65535");
        }

        int count = width * height * channels;
        bool isPlain = file[1] is (byte)'2' or (byte)'3';
        int size = largest > byte.MaxValue ? 2 : 1;
        if (!isPlain && file.Length - at - 1 < (long)count * size)
        {
            throw new UserError($"{path}: cut short: {width} x {height} pixels need {(long)count * size} bytes, found {Math.Max(0, file.Length - at - 1)}");
        }

        if (isPlain && file.Length - at < 2L * count)
        {
            throw new UserError($"{path}: cut short: {width} x {height} pixels need {count} numbers, found {file.Length - at} bytes");
        }

        byte[] pixels = new byte[count];
        at += isPlain ? 0 : 1;
        for (int i = 0; i < count; i++)
        {
            int value = isPlain ? Number(path, file, ref at, $"value {i}", largest)
                : size == 1 ? file[at + i] : (file[at + (2 * i)] << 8) | file[at + (2 * i) + 1];
            pixels[i] = (byte)(((Math.Min(value, largest) * 255L) + (largest / 2)) / largest);
        }

        return new Picture(height, width, channels, pixels);
    }

    /// <summary>The next number; comments from # to the end of a line count as blanks.</summary>
    private static int Number(string path, byte[] file, ref int at, string what, int max)
    {
        while (at < file.Length && (file[at] <= ' ' || file[at] == '#'))
        {
            if (file[at] == '#')
            {
                int end = Array.IndexOf(file, (byte)'\n', at);
                at = end < 0 ? file.Length : end;
            }
            else
            {
                at++;
            }
        }

        long number = 0;
        int first = at;
        for (; at < file.Length && file[at] is >= (byte)'0' and <= (byte)'9' && number <= max; at++)
        {
            number = (number * 10) + file[at] - '0';
        }

        return at > first && number <= max
            ? (int)number
            : throw new UserError($"{path}: {(first >= file.Length ? "cut short" : "damaged")}: no {what} at byte {first}; allowed: a number up to {max}");
    }
}
