using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>Who may connect.</summary>
public sealed record LaneSecurity
{
    /// <summary>Both ends must have the same; null: none. It never crosses the wire.</summary>
    public LaneToken? Token { get; init; }

    /// <summary>Encryption and certificates; null: plaintext.</summary>
    public LaneTls? Tls { get; init; }

    /// <summary>Plaintext to other hosts was asked for, in so many words.</summary>
    public bool Insecure { get; init; }

    /// <summary>From what a person gave: the options --tls-ca, --tls-cert, --tls-key, --token-file, --insecure and the environment.</summary>
    /// <param name="tlsCa">The authority's certificate; null: not given, like all others.</param>
    /// <param name="tlsCert">This node's certificate.</param>
    /// <param name="tlsKey">Its key.</param>
    /// <param name="tokenFile">A file with the join token.</param>
    /// <param name="token">Value of <see cref="LaneToken.Variable"/>; a file counts before it.</param>
    /// <param name="insecure">Plaintext to other hosts is accepted.</param>
    /// <exception cref="UserError">TLS was given in part, or a file can't be used.</exception>
    public static LaneSecurity Of(string? tlsCa, string? tlsCert, string? tlsKey, string? tokenFile, string? token, bool insecure)
    {
        int given = new[] { tlsCa, tlsCert, tlsKey }.Count(path => path is not null);
        if (given is not (0 or 3))
        {
            throw new UserError("--tls-ca, --tls-cert, --tls-key: found some of them; allowed: all three, or none");
        }

        return new LaneSecurity
        {
            Tls = given == 0 ? null : LaneTls.FromFiles(tlsCa!, tlsCert!, tlsKey!),
            Token = tokenFile is not null ? LaneToken.FromFile(tokenFile) : string.IsNullOrEmpty(token) ? null : LaneToken.Parse(LaneToken.Variable, token),
            Insecure = insecure,
        };
    }

    /// <summary>Refuses what would let strangers in: other hosts need TLS; without it, a token and a person's explicit word.</summary>
    /// <param name="address">To listen at or to dial.</param>
    /// <exception cref="UserError">Says what is missing.</exception>
    public void MustAllow(LaneAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsLocal || Tls is not null)
        {
            return;
        }

        if (!Insecure)
        {
            throw new UserError($"{address}: other hosts can reach this address, and without TLS they could read along; give --tls-ca, --tls-cert and --tls-key ('disttrain certs' makes them), or --insecure to accept it");
        }

        if (Token is null)
        {
            throw new UserError($"{address}: without TLS a join token is needed; put one into {LaneToken.Variable}, or give --token-file FILE");
        }
    }
}
