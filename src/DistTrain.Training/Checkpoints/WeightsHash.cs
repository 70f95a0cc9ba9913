using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DistTrain.Training;

/// <summary>The hash of docs/numerics.md: SHA-256 over the flat weights as little-endian float32.</summary>
public static class WeightsHash
{
    /// <summary>64 lower-case hexadecimal digits.</summary>
    /// <param name="weights">The flat vector of <see cref="ParameterLayout"/>.</param>
    public static string Sha256(ReadOnlySpan<float> weights) =>
        Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(weights)));
}
