using System.Text.Json;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>live.json in a run folder: how to reach the launcher while the run lives. Only its owner can read it.</summary>
/// <param name="Address">Where the launcher listens.</param>
/// <param name="Security">Of the run, its token included.</param>
/// <param name="ProcessId">Of the launcher.</param>
internal sealed record LiveFile(string Address, NodeSecurity Security, int ProcessId)
{
    public const string Name = "live.json";

    public void Write(string runFolder)
    {
        string path = Path.Combine(runFolder, Name);
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        JsonSerializer.Serialize(stream, this);
    }

    /// <exception cref="UserError">No run of several processes lives there.</exception>
    public static LiveFile Read(string runFolder)
    {
        string path = Path.Combine(runFolder, Name);
        try
        {
            return JsonSerializer.Deserialize<LiveFile>(File.ReadAllText(path)) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserError($"{runFolder}: no run is live there; only runs of --engine processes can be asked, while they run", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new UserError($"{path}: can't be read: {e.Message}", e);
        }
    }

    public static void Remove(string? runFolder)
    {
        try
        {
            if (runFolder is not null)
            {
                File.Delete(Path.Combine(runFolder, Name));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Who reads it finds that nobody answers there.
        }
    }
}
