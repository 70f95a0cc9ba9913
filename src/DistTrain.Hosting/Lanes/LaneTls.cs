using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>
/// TLS with certificates on both sides, of one private authority: --tls-ca, --tls-cert, --tls-key, PEM files. No authority of the
/// operating system counts.
/// </summary>
/// <remarks>
/// A peer's certificate is judged here, not inside the TLS handshake: that one is let finish, so that each side can be told in a
/// sentence what is wrong with its certificate, and nothing else is said to it before the connection ends. The session keys are
/// already bound to the certificate's key by then.
/// </remarks>
public sealed class LaneTls : IDisposable
{
    private readonly X509Certificate2 authority;
    private readonly X509Certificate2 certificate;
    private readonly SslStreamCertificateContext context;
    private readonly TimeProvider time;

    private LaneTls(X509Certificate2 authority, X509Certificate2 certificate, TimeProvider time)
    {
        (this.authority, this.certificate, this.time) = (authority, certificate, time);
        context = SslStreamCertificateContext.Create(certificate, [authority], offline: true);
    }

    /// <param name="authorityPath">Of the authority's certificate.</param>
    /// <param name="certificatePath">Of this node's certificate.</param>
    /// <param name="keyPath">Of its private key.</param>
    /// <param name="time">Decides what is expired; null: the system's clock.</param>
    /// <exception cref="UserError">A file can't be read, is no PEM, does not fit the others, or the certificate would be refused.</exception>
    public static LaneTls FromFiles(string authorityPath, string certificatePath, string keyPath, TimeProvider? time = null)
    {
        LaneTls tls = FromFilesUnchecked(authorityPath, certificatePath, keyPath, time);
        return tls.Judge(tls.certificate, null) is { } fault ? throw new UserError($"--tls-cert: {certificatePath}: {fault}") : tls;
    }

    public void Dispose()
    {
        authority.Dispose();
        certificate.Dispose();
    }

    /// <summary>Without asking whether peers would accept it: what an attacker would do.</summary>
    internal static LaneTls FromFilesUnchecked(string authorityPath, string certificatePath, string keyPath, TimeProvider? time = null)
    {
        X509Certificate2 authority = Load("--tls-ca", authorityPath, () => X509Certificate2.CreateFromPem(File.ReadAllText(authorityPath)));
        X509Certificate2 certificate = Load("--tls-cert", certificatePath, () =>
        {
            using X509Certificate2 pem = X509Certificate2.CreateFromPem(File.ReadAllText(certificatePath), File.ReadAllText(keyPath));

            // Windows' TLS wants a key that does not live in memory alone.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        });
        return new LaneTls(authority, certificate, time ?? TimeProvider.System);
    }

#pragma warning disable CA5359 // Nothing is accepted by this: Refusal judges the certificate before a byte is exchanged, and can tell the peer why.
    /// <summary>The listener's side.</summary>
    internal SslServerAuthenticationOptions ForListener() => new()
    {
        ServerCertificateContext = context,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13 | SslProtocols.Tls12,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = JudgedAfterwards,
        AllowTlsResume = false,
        CipherSuitesPolicy = FastSuites(),
    };

    /// <summary>The dialer's side.</summary>
    internal SslClientAuthenticationOptions ForDialer(string host) => new()
    {
        TargetHost = host,
        ClientCertificateContext = context,
        EnabledSslProtocols = SslProtocols.Tls13 | SslProtocols.Tls12,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = JudgedAfterwards,
        AllowTlsResume = false,
        CipherSuitesPolicy = FastSuites(),
    };

#pragma warning restore CA5359

    /// <summary>Why a peer's certificate is not accepted; null: it is.</summary>
    /// <param name="peer">What it showed; null: nothing.</param>
    /// <param name="host">What was dialed: the certificate must be for it; null: any node's will do.</param>
    internal LaneRefusal? Refusal(X509Certificate2? peer, string? host) =>
        (peer is null ? "no certificate was shown" : Judge(peer, host)) is { } fault
            ? new LaneRefusal(LaneRefusalReason.Certificate, $"the {(host is null ? "dialing" : "listening")} node's certificate is refused: {fault}")
            : null;

    private string? Judge(X509Certificate2 peer, string? host)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now > peer.NotAfter)
        {
            return $"it expired on {Date(peer.NotAfter)}";
        }

        if (now < peer.NotBefore)
        {
            return $"it is not valid before {Date(peer.NotBefore)}";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        if (!chain.Build(peer))
        {
            string status = string.Join("; ", chain.ChainStatus.Select(item => item.StatusInformation.Trim()).Distinct());
            return $"{peer.Subject} is not certified by {authority.Subject} ({status})";
        }

        return host is null || peer.MatchesHostname(host, allowWildcards: false, allowCommonName: false)
            ? null
            : $"{peer.Subject} is not a certificate for {host}";
    }

    private static bool JudgedAfterwards(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;

    private static X509Certificate2 Load(string option, string path, Func<X509Certificate2> load)
    {
        try
        {
            return load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new UserError($"{option}: {path}: can't be used: {e.Message}", e);
        }
    }

    private static string Date(DateTime day) => day.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>128 bits are enough and a third faster than 256. Null where the system does not let programs choose.</summary>
    private static CipherSuitesPolicy? FastSuites() => OperatingSystem.IsLinux()
        ? new CipherSuitesPolicy(
        [
            TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ])
        : null;
}
