using System.Globalization;

namespace DistTrain.Hosting;

/// <summary>A private folder (0700) for the sockets of one run. Short: a socket's path has a hundred bytes.</summary>
internal sealed class SocketFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("disttrain-").FullName;

    public LaneAddress Address(int node) => LaneAddress.Unix(FileOf(node));

    /// <summary>A killed process leaves its file behind.</summary>
    public void Remove(int node)
    {
        try
        {
            File.Delete(FileOf(node));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder goes at the end.
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else cleaned the folder of temporary files.
        }
    }

    private string FileOf(int node) => System.IO.Path.Combine(Path, node.ToString(CultureInfo.InvariantCulture));
}
