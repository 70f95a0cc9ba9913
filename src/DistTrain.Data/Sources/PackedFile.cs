using System.IO.Compression;

namespace DistTrain.Data;

/// <summary>Files that may be gzip, told by their content and not by their name.</summary>
internal static class PackedFile
{
    /// <summary>A deflate stream of one byte unpacks to 1032 at most (zlib's technical details, "Maximum Compression Factor").</summary>
    private const long DeflateFactorMax = 1032;

    /// <summary>The unpacked content, and the most bytes it can have (exact for a plain file).</summary>
    public static Stream OpenContent(string path, out long lengthMax)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        bool isGzip = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        lengthMax = isGzip ? file.Length * DeflateFactorMax : file.Length;
        return isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
