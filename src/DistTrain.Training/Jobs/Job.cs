using System.Security.Cryptography;
using System.Text;

namespace DistTrain.Training;

/// <summary>Everything that a run was asked for. <see cref="Model"/>, <see cref="Data"/> and <see cref="Train"/> decide the bits of the weights; <see cref="Run"/> never does.</summary>
public sealed record Job
{
    [JobKey("Version of this format.", Min = 1, Max = 1)]
    public int Version { get; init; } = 1;

    [JobKey("The network.")]
    public ModelJob Model { get; init; } = new();

    [JobKey("What it learns from.")]
    public DataJob Data { get; init; } = new();

    [JobKey("How it learns.")]
    public TrainJob Train { get; init; } = new();

    [JobKey("Where and on how many machines. Nothing here changes a bit of the weights.", DecidesBits = false)]
    public RunJob Run { get; init; } = new();

    /// <summary>
    /// SHA-256, lower-case hexadecimal, of the canonical text of the keys that decide bits. What the data are is not in it but
    /// in the data's fingerprint: a path says only where they lie.
    /// </summary>
    public string Sha256() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JobText.Yaml(JobTree.From(this, onlyBits: true)))));

    /// <summary>The whole job, defaults written out, in canonical YAML: what the run folder keeps.</summary>
    public string ToYaml() => JobText.Yaml(JobTree.From(this, onlyBits: false));

    /// <summary>Paths of the keys in which two jobs differ, among those that decide bits.</summary>
    public IReadOnlyList<string> Differences(Job other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return JobTree.Differences(JobTree.From(this, onlyBits: true), JobTree.From(other, onlyBits: true));
    }
}
