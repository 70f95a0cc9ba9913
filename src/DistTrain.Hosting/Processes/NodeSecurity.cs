using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>Who may connect, in words that can be handed on to processes: <see cref="LaneSecurity"/> with its files not yet read.</summary>
public sealed record NodeSecurity
{
    /// <summary>The join token; null: none.</summary>
    public string? Token { get; init; }

    /// <summary>Certificate of the authority, a PEM file; with the two others, or none.</summary>
    public string? TlsAuthority { get; init; }

    /// <summary>This host's certificate.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>Its key.</summary>
    public string? TlsKey { get; init; }

    /// <summary>Plaintext to other hosts was asked for.</summary>
    public bool Insecure { get; init; }

    /// <exception cref="UserError">Only some of the TLS files are named, or one can't be used.</exception>
    public LaneSecurity ToLanes()
    {
        string?[] files = [TlsAuthority, TlsCertificate, TlsKey];
        if (files.Any(file => file is null) && files.Any(file => file is not null))
        {
            throw new UserError("--tls-ca, --tls-cert and --tls-key: found some of them; allowed: all three, or none");
        }

        return new LaneSecurity
        {
            Token = Token is null ? null : LaneToken.Parse("join token", Token),
            Tls = TlsAuthority is null ? null : LaneTls.FromFiles(TlsAuthority, TlsCertificate!, TlsKey!),
            Insecure = Insecure,
        };
    }
}
