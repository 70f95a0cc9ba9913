using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>Tells what lies in a folder that a run left, from the files alone: neither job nor data are needed, so damage can be looked at.</summary>
internal sealed class Inspection(Terminal terminal, bool json)
{
    private const string Manifest = "manifest.json";

    /// <returns>2 when a file is not what its manifest says.</returns>
    public int Inspect(string path)
    {
        if (File.Exists(path))
        {
            Tensors(path);
            return ExitCode.Done;
        }

        if (!Directory.Exists(path))
        {
            throw new UserError($"{path}: there is no such file or folder");
        }

        if (File.Exists(Path.Combine(path, Manifest)))
        {
            return Checkpoint(path);
        }

        bool isRun = File.Exists(Path.Combine(path, "job.yaml")), isModel = File.Exists(Path.Combine(path, "model.json"));
        if (!isRun && !isModel)
        {
            throw new UserError($"{path}: holds no {Manifest}, job.yaml or model.json; allowed: a run folder, a checkpoint, a model, or a .safetensors file");
        }

        int worst = isRun ? Run(path) : ExitCode.Done;
        if (isModel)
        {
            Model model = Model.Load(path);
            Say("model", ("path", path), ("parameters", model.Graph.ParameterCount), ("loss", model.Graph.Loss!.ToString()), ("weights_sha256", model.WeightsSha256));
            Tensors(Path.Combine(path, "model.safetensors"));
        }

        return worst;
    }

    private int Run(string path)
    {
        RunFolder run = RunFolder.Open(path);
        Say("run", ("path", path), ("model", run.Job.Model.Title), ("job_sha256", run.Job.Sha256()), ("finished", File.Exists(Path.Combine(path, "model.json"))));
        int worst = ExitCode.Done;
        string checkpoints = Path.Combine(path, "checkpoints");
        string[] folders = Directory.Exists(checkpoints) ? Directory.GetDirectories(checkpoints) : [];
        foreach (string folder in folders.Order(StringComparer.Ordinal))
        {
            worst = Math.Max(worst, Checkpoint(folder, tensors: false));
        }

        return worst;
    }

    private int Checkpoint(string folder, bool tensors = true)
    {
        string manifestPath = Path.Combine(folder, Manifest);
        if (!File.Exists(manifestPath))
        {
            Say("checkpoint", ("path", folder), ("state", "cut off while it was written: it counts as absent"));
            return ExitCode.Done;
        }

        JsonNode manifest;
        try
        {
            manifest = JsonNode.Parse(File.ReadAllText(manifestPath)) ?? throw new JsonException("null");
            string[] damaged = [.. manifest["files"]!.AsArray().Select(file => Fault(folder, file!)).OfType<string>()];
            Say(
                "checkpoint",
                ("path", folder),
                ("step", (long)manifest["step"]!),
                ("weights_sha256", (string)manifest["weights_sha256"]!),
                ("job_sha256", (string)manifest["job_sha256"]!),
                ("slots", (int)manifest["slots"]!),
                ("state", damaged.Length == 0 ? "sound" : "damaged: " + string.Join("; ", damaged)));
            if (tensors)
            {
                foreach (JsonNode? file in manifest["files"]!.AsArray().Where(file => damaged.Length == 0))
                {
                    Tensors(Path.Combine(folder, (string)file!["name"]!));
                }
            }

            return damaged.Length == 0 ? ExitCode.Done : ExitCode.BadInput;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new UserError($"{manifestPath}: is damaged: not the JSON of a manifest", e);
        }
    }

    private static string? Fault(string folder, JsonNode file)
    {
        string name = (string)file["name"]!, path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            return $"{name} is missing";
        }

        using FileStream stream = File.OpenRead(path);
        long bytes = (long)file["bytes"]!;
        return stream.Length != bytes
            ? string.Create(CultureInfo.InvariantCulture, $"{name} has {stream.Length} bytes, {bytes} were written")
            : Convert.ToHexStringLower(SHA256.HashData(stream)) == (string)file["sha256"]! ? null : $"{name} has another SHA-256 than was written";
    }

    private void Tensors(string path)
    {
        IReadOnlyList<NamedTensor> tensors = Safetensors.Read(path);
        if (!json)
        {
            terminal.Output.WriteLine($"{Path.GetFileName(path)}");
            terminal.Output.WriteLine($"  {"tensor",-32} {"shape",-18} {"floats",12} {"smallest",12} {"largest",12} {"not finite",10}");
        }

        foreach (NamedTensor tensor in tensors)
        {
            (float smallest, float largest, int broken) = Range(tensor.Values.Span);
            terminal.Output.WriteLine(json
                ? JsonLine.Of(new JsonObject
                {
                    ["event"] = "tensor",
                    ["file"] = Path.GetFileName(path),
                    ["name"] = tensor.Name,
                    ["shape"] = new JsonArray([.. tensor.Shape.Dims.ToArray().Select(dim => JsonValue.Create(dim))]),
                    ["min"] = JsonLine.Number(smallest),
                    ["max"] = JsonLine.Number(largest),
                    ["not_finite"] = broken,
                })
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {tensor.Name,-32} {tensor.Shape.ToString(),-18} {tensor.Values.Length,12:N0} {smallest,12:G5} {largest,12:G5} {broken,10:N0}"));
        }
    }

    private static (float Smallest, float Largest, int NotFinite) Range(ReadOnlySpan<float> values)
    {
        float smallest = float.PositiveInfinity, largest = float.NegativeInfinity;
        int broken = 0;
        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                smallest = Math.Min(smallest, value);
                largest = Math.Max(largest, value);
            }
            else
            {
                broken++;
            }
        }

        return (smallest, largest, broken);
    }

    private void Say(string what, params ReadOnlySpan<(string Key, object? Value)> facts)
    {
        var line = new JsonObject { ["event"] = what };
        foreach ((string key, object? value) in facts)
        {
            line[key] = value switch
            {
                bool flag => flag,
                int number => number,
                long number => number,
                _ => value?.ToString(),
            };
        }

        if (json)
        {
            terminal.Output.WriteLine(JsonLine.Of(line));
            return;
        }

        terminal.Output.WriteLine(what);
        foreach ((string key, object? value) in facts)
        {
            terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {key.Replace('_', ' '),-16} {value}"));
        }
    }
}
