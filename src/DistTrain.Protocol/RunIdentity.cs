using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>What two machines must agree on before they may train together; compared in the handshake.</summary>
/// <param name="WireVersion">Of the messages.</param>
/// <param name="NumericsVersion">Of docs/numerics.md.</param>
/// <param name="JobHash">Of the job's model, data and train parts.</param>
/// <param name="DataFingerprint">Of the training and evaluation data.</param>
public sealed record RunIdentity(int WireVersion, int NumericsVersion, string JobHash, string DataFingerprint)
{
    /// <summary>The identity of this build for a job and its data.</summary>
    public static RunIdentity Of(string jobHash, string dataFingerprint) =>
        new(ProtocolLimits.WireVersion, Numerics.Version, jobHash, dataFingerprint);

    /// <summary>The first difference in words, or null.</summary>
    public string? DifferenceFrom(RunIdentity other) =>
        WireVersion != other.WireVersion ? $"wire version {WireVersion}, not {other.WireVersion}"
        : NumericsVersion != other.NumericsVersion ? $"numerics version {NumericsVersion}, not {other.NumericsVersion}"
        : JobHash != other.JobHash ? $"job {JobHash}, not {other.JobHash}"
        : DataFingerprint != other.DataFingerprint ? $"data {DataFingerprint}, not {other.DataFingerprint}"
        : null;
}
