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
