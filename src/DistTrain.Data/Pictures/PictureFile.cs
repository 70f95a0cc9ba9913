using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Reads a picture of a format that its first bytes tell: PNG, or PGM and PPM.</summary>
internal static class PictureFile
{
    /// <summary>Larger files are no pictures to learn from.</summary>
    private const int FileBytesMax = 1 << 28;

    private static readonly string[] Endings = [".png", ".pgm", ".ppm", ".pnm"];

    public static bool HasEnding(string path) => Array.Exists(Endings, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="UserError">The file is missing, cut short, too large, or no picture.</exception>
    public static Picture Read(string path)
    {
        byte[] bytes = GuardedFile.Use(path, () =>
        {
            using FileStream file = File.OpenRead(path);
            return GuardedFile.ReadUpTo(file, file.Length, FileBytesMax) ?? throw new UserError($"{path}: too large: a picture's file may have {FileBytesMax} bytes");
        });
        return bytes.AsSpan().StartsWith(PngDecoder.Signature) ? PngDecoder.Decode(path, bytes)
            : bytes is [(byte)'P', (byte)'2' or (byte)'3' or (byte)'5' or (byte)'6', ..] ? PnmDecoder.Decode(path, bytes)
            : throw new UserError($"{path}: found {(bytes.Length == 0 ? "an empty file" : "no picture that is known")}; allowed: PNG, PGM, PPM");
    }

    /// <summary>Refuses sizes before memory is taken for them.</summary>
    public static void CheckSize(string path, long width, long height)
    {
        if (width is < 1 or > Picture.SideMax || height is < 1 or > Picture.SideMax || width * height > Picture.PixelsMax)
        {
            throw new UserError($"{path}: found a picture of {width} x {height} pixels; allowed: sides from 1 to {Picture.SideMax}, {Picture.PixelsMax} pixels in all");
        }
    }
}
