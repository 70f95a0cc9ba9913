using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Reading files that may be missing, broken or larger than they say.</summary>
internal static class GuardedFile
{
    /// <summary>Runs a reader and tells what the file system or gzip has against it in one line.</summary>
    /// <exception cref="UserError">The file is missing, unreadable, or a broken gzip file.</exception>
    public static T Use<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FileNotFoundException error) when (!Path.Exists(path))
        {
            throw new UserError($"{path}: no such file.", error);
        }
        catch (DirectoryNotFoundException error)
        {
            throw new UserError($"{path}: no such folder.", error);
        }
        catch (InvalidDataException error)
        {
            throw new UserError($"{path}: broken gzip file, cut short or damaged: {error.Message}", error);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or (IOException and not FileNotFoundException))
        {
            throw new UserError($"{path}: can't be read: {error.Message}", error);
        }
    }

    /// <summary>The whole content, or null when it has more than <paramref name="bytesMax"/> bytes. Memory is taken as content arrives.</summary>
    /// <param name="content">Read to its end.</param>
    /// <param name="lengthHint">The most it can have.</param>
    /// <param name="bytesMax">What is allowed.</param>
    public static byte[]? ReadUpTo(Stream content, long lengthHint, int bytesMax)
    {
        const int FirstRoomMax = 1 << 20;
        byte[] bytes = new byte[(int)Math.Clamp(lengthHint, 1, Math.Min(bytesMax, content is FileStream ? bytesMax : FirstRoomMax))];
        int filled = 0;
        while (true)
        {
            filled += content.ReadAtLeast(bytes.AsSpan(filled), bytes.Length - filled, throwOnEndOfStream: false);
            int next = filled < bytes.Length ? -1 : content.ReadByte();
            if (next < 0)
            {
                Array.Resize(ref bytes, filled);
                return bytes;
            }

            if (bytes.Length == bytesMax)
            {
                return null;
            }

            Array.Resize(ref bytes, (int)Math.Min(bytesMax, 2L * bytes.Length));
            bytes[filled++] = (byte)next;
        }
    }
}
