using System.Text.Json;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cluster;

/// <summary>
/// cluster.json in the folder of runs: what a singleton hands on to the next one, however it ends. Written before what it says is acted
/// upon, so that numbers are never used twice. A singleton that finds a later one's number in it is deposed and writes nothing any more.
/// </summary>
internal sealed class ClusterFile
{
    private const string Name = "cluster.json";
    private const string StorageName = "storage-id";

    private readonly string folder;
    private readonly Lock gate = new();
    private State state;

    private ClusterFile(string folder, State state)
    {
        this.folder = folder;
        this.state = state;
    }

    /// <summary>Which singleton this one is, from 1.</summary>
    public long Authority => state.Authority;

    /// <summary>The run that goes on; null: none.</summary>
    public LiveRun? Run => state.Run;

    /// <summary>Takes the cluster over.</summary>
    /// <param name="folder">Of runs; made if it is not there.</param>
    /// <exception cref="UserError">The folder can't be used.</exception>
    public static ClusterFile TakeOver(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            State before = Read(folder);
            var file = new ClusterFile(folder, before with { Authority = before.Authority + 1 });
            file.Write();
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new UserError($"{folder}: can't be used for runs: {e.Message}", e);
        }
    }

    /// <summary>A name of the storage: two nodes that read the same one share it.</summary>
    /// <exception cref="UserError">The folder can't be used.</exception>
    public static string StorageId(string folder)
    {
        string path = Path.Combine(folder, StorageName);
        try
        {
            Directory.CreateDirectory(folder);
            if (!File.Exists(path))
            {
                Choose(path);
            }

            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{folder}: can't be used for runs: {e.Message}", e);
        }
    }

    /// <summary>Says what goes on now, for good.</summary>
    /// <exception cref="DeposedException">A later singleton has taken over.</exception>
    /// <exception cref="IOException">It can't be written; nothing has changed.</exception>
    public void Save(LiveRun? run)
    {
        lock (gate)
        {
            MustBeNewest();
            State before = state;
            state = state with { Run = run };
            try
            {
                Write();
            }
            catch
            {
                state = before;
                throw;
            }
        }
    }

    /// <exception cref="DeposedException">A later singleton has taken over.</exception>
    public void MustBeNewest()
    {
        long newest = Read(folder).Authority;
        if (newest > state.Authority)
        {
            throw new DeposedException($"singleton {newest} has taken over from singleton {state.Authority}");
        }
    }

    /// <summary>Of several nodes that try at once, one wins, and all read what it wrote.</summary>
    private static void Choose(string path)
    {
        string own = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(own, $"{Guid.NewGuid():N}");
        try
        {
            File.Move(own, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(own);
        }
    }

    private static State Read(string folder)
    {
        string path = Path.Combine(folder, Name);
        return File.Exists(path) ? JsonSerializer.Deserialize<State>(File.ReadAllText(path)) ?? new State(0, null) : new State(0, null);
    }

    private void Write() => DurableFile.Write(Path.Combine(folder, Name), stream => JsonSerializer.Serialize(stream, state));

    private sealed record State(long Authority, LiveRun? Run);
}
