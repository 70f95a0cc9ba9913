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

    /// <summary>The folder of the run's checkpoints; made by the first that is written.</summary>
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
        string folder = Write(checkpoint, [checkpoint.Weights], [checkpoint.Slots]);
        Retain(keep, checkpoint);
        return folder;
    }

    /// <summary>Writes a checkpoint of floats that lie in several places, without copying them, and deletes none.</summary>
    /// <param name="position">Where the run stands.</param>
    /// <param name="weights">Runs that, one after the other, are the flat vector.</param>
    /// <param name="slots">Likewise all slots, slot-major.</param>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="IOException">It could not be written; an older one of the same step is still there.</exception>
    public string Write(RunPosition position, IReadOnlyList<ReadOnlyMemory<float>> weights, IReadOnlyList<ReadOnlyMemory<float>> slots)
    {
        ArgumentNullException.ThrowIfNull(position);
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Sum(run => (long)run.Length), layout.Length);
        int slotCount = (int)(slots.Sum(run => (long)run.Length) / Math.Max(1, layout.Length));
        string folder = PathOf(position.Step);
        try
        {
            MakeFolder(folder);
            WriteFiles(folder, position, weights, slots, slotCount);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            DiscardPart(folder);
            throw;
        }

        return folder;
    }

    /// <summary>
    /// Deletes all but the newest and those that are still needed; the manifest goes first, so that a crash here leaves nothing half
    /// believed. What can't be deleted now is tried again the next time.
    /// </summary>
    /// <param name="keep">How many stay, at least 1.</param>
    /// <param name="position">Stays too, and so does its best version.</param>
    public void Retain(int keep, RunPosition position)
    {
        ArgumentNullException.ThrowIfNull(position);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        HashSet<string> kept = [PathOf(position.Step), PathOf(position.Steering.BestVersion), .. Steps().Take(keep).Select(PathOf)];
        foreach (string folder in Directory.GetDirectories(Path, Prefix + "*").Where(folder => !kept.Contains(folder)))
        {
            try
            {
                File.Delete(System.IO.Path.Combine(folder, CheckpointManifest.FileName));
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    /// <summary>The newest sound checkpoint, passing over damaged ones.</summary>
    /// <param name="damaged">One line for each newer one that was passed over: what is wrong with which file.</param>
    /// <param name="needsBest">Whether the run may restore its best version, whose checkpoint must then be sound too.</param>
    /// <returns>Null when there is none.</returns>
    public Checkpoint? ReadNewest(out IReadOnlyList<string> damaged, bool needsBest = false)
    {
        var lines = new List<string>();
        damaged = lines;
        foreach (long step in Steps())
        {
            try
            {
                Checkpoint read = Read(step);
                if (needsBest && read.Steering.BestVersion is >= 0 and var best && best != step)
                {
                    Read(best);
                }

                return read;
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
        string folder = PathOf(step);
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

    /// <summary>Folder of a step's checkpoint, whether there is one or not.</summary>
    public string PathOf(long step) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}"));

    private IEnumerable<(string Name, Shape Shape)> Names(string prefix) =>
        layout.Parameters.Select(parameter => (prefix + parameter.Name, parameter.Shape));

    private void WriteFiles(
        string folder, RunPosition position, IReadOnlyList<ReadOnlyMemory<float>> weights, IReadOnlyList<ReadOnlyMemory<float>> slots, int slotCount)
    {
        using var values = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<CheckpointFile> files =
        [
            HashedFile.Write(folder, WeightsFile, Safetensors.Head([.. Names("")]), weights, values),
            HashedFile.Write(folder, SlotsFile, Safetensors.Head([.. Enumerable.Range(0, slotCount).SelectMany(slot => Names(SlotPrefix(slot)))]), slots),
        ];
        var manifest = new CheckpointManifest
        {
            Format = CheckpointManifest.FormatVersion,
            Numerics = Numerics.Version,
            Step = position.Step,
            JobSha256 = position.JobSha256,
            DataSha256 = position.DataSha256,
            WeightsSha256 = Convert.ToHexStringLower(values.GetHashAndReset()),
            Slots = slotCount,
            Optimizer = position.Optimizer,
            PassTotals = position.PassTotals,
            Steering = position.Steering,
            Files = files,
        };

        // A manifest of an earlier attempt may stand here: until this one replaces it, it tells of the same bits, or of damage.
        DurableFile.Write(System.IO.Path.Combine(folder, CheckpointManifest.FileName), stream => stream.Write(manifest.ToJson()));
    }

    /// <summary>Files of a checkpoint that could not be finished take room that the next one needs.</summary>
    private static void DiscardPart(string folder)
    {
        try
        {
            if (Directory.Exists(folder) && !File.Exists(System.IO.Path.Combine(folder, CheckpointManifest.FileName)))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What made the writing fail is the error to report.
        }
    }

    /// <summary>The folder, and those above it that are missing; all of them last.</summary>
    private void MakeFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            DurableFile.FlushFolder(Path);
            DurableFile.FlushFolder(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
        }
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
}
