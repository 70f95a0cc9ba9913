using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DistTrain.Training;

/// <summary>A file that is there whole or not at all, also after a power cut.</summary>
public static partial class DurableFile
{
    /// <summary>O_RDONLY: 0 on every Unix.</summary>
    private const int OpenReadOnly = 0;

    /// <summary>Writes beside the target, flushes to the disk, renames into place, and flushes the folder, which holds the name.</summary>
    /// <param name="path">In a folder that exists.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="bytes">Length, when it is known: space is reserved at once, so that a disk without room says so before anything is written.</param>
    /// <exception cref="IOException">It could not be written; what there was under this name is still there.</exception>
    public static void Write(string path, Action<Stream> write, long bytes = 0)
    {
        ArgumentNullException.ThrowIfNull(write);
        string partial = path + ".partial";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = bytes };
            using (var stream = new FileStream(partial, options))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Discard(partial);
            throw;
        }

        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>
    /// Makes the names in a folder last: a renamed file is only then sure to be found under its new name. Windows has no such
    /// call; its file system writes names to its journal.
    /// </summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new SafeFileHandle(Open(path, OpenReadOnly), ownsHandle: true);
        if (folder.IsInvalid)
        {
            throw new IOException($"{path}: can't be opened to be flushed (error {Marshal.GetLastPInvokeError()})");
        }

        RandomAccess.FlushToDisk(folder);
    }

    /// <summary>What is left of a file that could not be written takes room that the next attempt needs.</summary>
    private static void Discard(string partial)
    {
        try
        {
            File.Delete(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder is not writable any more: the first error says so.
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);
}
