namespace DistTrain.Training;

/// <summary>A file that is there whole or not at all, also after a power cut.</summary>
public static class DurableFile
{
    /// <summary>Writes beside the target, flushes to the disk, renames into place.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string partial = path + ".partial";
        using (FileStream stream = File.Create(partial))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }
}
