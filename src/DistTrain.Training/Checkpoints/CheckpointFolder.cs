using System.Globalization;
using System.Security.Cryptography;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// Checkpoints of one run: a folder step-00000200 each, with weights.safetensors, slots.safetensors and a manifest of their
/// SHA-256. The files are flushed to the disk before the manifest is renamed into place, so whatever has a manifest is complete,
/// and what was cut off by a crash has none and counts as absent.
/// </summary>
public sealed class CheckpointFolder(string path, ParameterLayout layout)
{
    private const string Prefix = "step-";
    private const string WeightsFile = "weights.safetensors";
    private const string SlotsFile = "slots.safetensors";

    /// <summary>The folder of the run's checkpoints; made by the first <see cref="Write"/>.</summary>
    public string Path { get; } = path;

    /// <summary>Steps of the checkpoints that are complete, newest first; whether they are sound shows when they are read.</summary>
    public IReadOnlyList<long> Steps() => !Directory.Exists(Path)
        ? []
        : [.. Directory.EnumerateDirectories(Path, Prefix + "*")
            .Where(folder => File.Exists(System.IO.Path.Combine(folder, CheckpointManifest.FileName)))
            .Select(folder => long.TryParse(System.IO.Path.GetFileName(folder)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : -1)
            .Where(step => step >= 0)
            .OrderDescending()];

    /// <summary>Writes a checkpoint, then deletes the oldest beyond <paramref name="keep"/>, but never that of the best version so far.</summary>
    /// <param name="checkpoint">Vectors of the layout's length.</param>
    /// <param name="keep">How many stay, at least 1.</param>
    /// <returns>The checkpoint's folder.</returns>
    public string Write(Checkpoint checkpoint, int keep)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        string folder = Of(checkpoint.Step);
        string manifestPath = System.IO.Path.Combine(folder, CheckpointManifest.FileName);
        Directory.CreateDirectory(folder);
        File.Delete(manifestPath);
        var manifest = new CheckpointManifest
        {
            Format = CheckpointManifest.FormatVersion,
            Numerics = Numerics.Version,
            Step = checkpoint.Step,
            JobSha256 = checkpoint.JobSha256,
            DataSha256 = checkpoint.DataSha256,
            WeightsSha256 = WeightsHash.Sha256(checkpoint.Weights),
            Slots = checkpoint.Slots.Length / Math.Max(1, layout.Length),
            Optimizer = checkpoint.Optimizer,
            PassTotals = checkpoint.PassTotals,
            Steering = checkpoint.Steering,
            Files =
            [
                WriteFile(folder, WeightsFile, [.. layout.ToTensors(checkpoint.Weights)]),
                WriteFile(folder, SlotsFile, [.. SlotTensors(checkpoint.Slots)]),
            ],
        };
        DurableFile.Write(manifestPath, stream => stream.Write(manifest.ToJson()));
        Retain(keep, [folder, Of(checkpoint.Steering.BestVersion)]);
        return folder;
    }

    /// <summary>The newest sound checkpoint, passing over damaged ones.</summary>
    /// <param name="damaged">One line for each newer one that was passed over: what is wrong with which file.</param>
    /// <returns>Null when there is none.</returns>
    public Checkpoint? ReadNewest(out IReadOnlyList<string> damaged)
    {
        var lines = new List<string>();
        damaged = lines;
        foreach (long step in Steps())
        {
            try
            {
                return Read(step);
            }
            catch (UserError e)
            {
                lines.Add(e.Message);
            }
        }

        return null;
    }

    /// <exception cref="UserError">There is none of this step, or a file isn't what the manifest says.</exception>
    public Checkpoint Read(long step)
    {
        string folder = Of(step);
        try
        {
            CheckpointManifest manifest = CheckpointManifest.Read(System.IO.Path.Combine(folder, CheckpointManifest.FileName));
            if (manifest.Step != step || manifest.Slots is < 0 or > 16)
            {
                throw new UserError($"{folder}: its manifest tells of step {manifest.Step} with {manifest.Slots} slots");
            }

            float[] weights = layout.FromTensors(ReadFile(folder, WeightsFile, manifest), System.IO.Path.Combine(folder, WeightsFile));
            IReadOnlyList<NamedTensor> slotTensors = ReadFile(folder, SlotsFile, manifest);
            float[] slots = new float[checked(manifest.Slots * layout.Length)];
            for (int slot = 0; slot < manifest.Slots; slot++)
            {
                layout.FromTensors(slotTensors, System.IO.Path.Combine(folder, SlotsFile), SlotPrefix(slot)).CopyTo(slots.AsSpan(slot * layout.Length));
            }

            return new Checkpoint
            {
                Step = step,
                JobSha256 = manifest.JobSha256,
                DataSha256 = manifest.DataSha256,
                Weights = weights,
                Slots = slots,
                Optimizer = manifest.Optimizer,
                PassTotals = manifest.PassTotals,
                Steering = manifest.Steering,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{folder}: can't be read: {e.Message}", e);
        }
    }

    private static string SlotPrefix(int slot) => string.Create(CultureInfo.InvariantCulture, $"slot{slot}/");

    private string Of(long step) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}"));

    private IEnumerable<NamedTensor> SlotTensors(float[] slots)
    {
        for (int slot = 0; slot * (long)layout.Length < slots.Length; slot++)
        {
            foreach (NamedTensor tensor in layout.ToTensors(slots.AsMemory(slot * layout.Length, layout.Length), SlotPrefix(slot)))
            {
                yield return tensor;
            }
        }
    }

    private static CheckpointFile WriteFile(string folder, string name, IReadOnlyList<NamedTensor> tensors)
    {
        string path = System.IO.Path.Combine(folder, name);
        DurableFile.Write(path, stream => Safetensors.Write(stream, tensors));
        using FileStream written = File.OpenRead(path);
        return new CheckpointFile(name, written.Length, Convert.ToHexStringLower(SHA256.HashData(written)));
    }

    private static IReadOnlyList<NamedTensor> ReadFile(string folder, string name, CheckpointManifest manifest)
    {
        string path = System.IO.Path.Combine(folder, name);
        CheckpointFile expected = manifest.Files.Find(file => file.Name == name)
            ?? throw new UserError($"{folder}: its manifest doesn't know {name}");
        using FileStream stream = File.OpenRead(path);
        if (stream.Length != expected.Bytes)
        {
            throw new UserError($"{path}: is damaged: {stream.Length} bytes, {expected.Bytes} were written");
        }

        string sha256 = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (sha256 != expected.Sha256)
        {
            throw new UserError($"{path}: is damaged: its SHA-256 is {sha256}, {expected.Sha256} was written");
        }

        stream.Position = 0;
        return Safetensors.Read(stream, path);
    }

    /// <summary>Deletes all but the newest and those that are still needed; the manifest goes first, so that a crash here leaves nothing half believed.</summary>
    private void Retain(int keep, IEnumerable<string> needed)
    {
        HashSet<string> kept = [.. needed, .. Steps().Take(keep).Select(Of)];
        foreach (string folder in Directory.GetDirectories(Path, Prefix + "*"))
        {
            if (!kept.Contains(folder))
            {
                File.Delete(System.IO.Path.Combine(folder, CheckpointManifest.FileName));
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
