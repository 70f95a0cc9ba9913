namespace DistTrain.Data;

/// <summary>What machines compare before they train together: equal exactly when all samples and targets are, bit for bit.</summary>
public static class DataFingerprint
{
    /// <summary><see cref="PartManifest.Fingerprint"/>: a hash of the hashes of all chunks, so that chunks can be checked one by one. Reads the whole source.</summary>
    public static string Compute(IDataSource source) => PartManifest.Of(source).Fingerprint;
}
