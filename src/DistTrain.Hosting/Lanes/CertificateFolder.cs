using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>
/// A small authority for a first cluster, and certificates of it for nodes: ca.pem, ca.key, and NAME.pem, NAME.key for each host.
/// ECDSA P-256. Whoever has ca.key can make nodes; it stays where it was made.
/// </summary>
public sealed class CertificateFolder
{
    private const string AuthorityName = "ca";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Longer than a cluster is likely to live: a new authority means new certificates everywhere.</summary>
    private const int AuthorityYears = 10;

    /// <summary>A stolen key is of use for so long: nothing revokes certificates here.</summary>
    private const int NodeDays = 397;

    /// <summary>Clocks of hosts differ.</summary>
    private static readonly TimeSpan Backdated = TimeSpan.FromHours(1);

    private readonly string folder;
    private readonly TimeProvider time;

    /// <param name="folder">Made if it is not there.</param>
    /// <param name="time">Of the certificates' days; null: the system's clock.</param>
    public CertificateFolder(string folder, TimeProvider? time = null)
    {
        this.folder = folder;
        this.time = time ?? TimeProvider.System;
    }

    public string AuthorityPath => Path.Combine(folder, AuthorityName + ".pem");

    public string AuthorityKeyPath => KeyPath(AuthorityName);

    public string CertificatePath(string host) => Path.Combine(folder, FileName(host) + ".pem");

    public string KeyPath(string host) => Path.Combine(folder, FileName(host) + ".key");

    /// <exception cref="UserError">It is no host's name or IP address.</exception>
    public static void MustBeHost(string host)
    {
        if (Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6) || host == AuthorityName)
        {
            throw new UserError($"--hosts: found \"{host}\"; allowed: names and IP addresses of hosts, separated by commas");
        }
    }

    /// <summary>Makes the authority, unless the folder has one; returns whether it did.</summary>
    /// <exception cref="UserError">Files can't be written, or only one of the authority's two is there.</exception>
    public bool EnsureAuthority() => Writing(() =>
    {
        bool certificate = File.Exists(AuthorityPath), key = File.Exists(AuthorityKeyPath);
        if (certificate != key)
        {
            throw new UserError($"{folder}: has {(certificate ? "ca.pem" : "ca.key")} without {(certificate ? "ca.key" : "ca.pem")}; bring the other, or give another folder with --out");
        }

        if (certificate)
        {
            return false;
        }

        Directory.CreateDirectory(folder);
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=DistTrain authority {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", pair, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = time.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(now - Backdated, now.AddYears(AuthorityYears));
        Write(AuthorityName, made, pair);
        return true;
    });

    /// <summary>Makes a node's certificate, in place of one that is there; returns its last day.</summary>
    /// <param name="host">Name or IP address under which the node is dialed; always valid for localhost and loopback as well, for lanes within the host.</param>
    /// <exception cref="UserError">Files can't be written or read, or the host's name is none.</exception>
    public DateTimeOffset MakeNode(string host) => Writing(() =>
    {
        MustBeHost(host);
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(File.ReadAllText(AuthorityPath), File.ReadAllText(AuthorityKeyPath));
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", pair, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "server"), new Oid("1.3.6.1.5.5.7.3.2", "client")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(Names(host));
        DateTimeOffset now = time.GetUtcNow(), end = now.AddDays(NodeDays);
        end = end < authority.NotAfter ? end : authority.NotAfter;
        using X509Certificate2 made = request.Create(authority, now - Backdated, end, RandomNumberGenerator.GetBytes(16));
        Write(FileName(host), made, pair);
        return end;
    });

    private static X509Extension Names(string host)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        return names.Build();
    }

    /// <summary>A colon of IPv6 is no good in a file's name.</summary>
    private static string FileName(string host) => host.Replace(':', '-');

    private T Writing<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new UserError($"{folder}: certificates can't be made: {e.Message}", e);
        }
    }

    private void Write(string name, X509Certificate2 certificate, ECDsa pair)
    {
        string keyPath = Path.Combine(folder, name + ".key");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
            if (File.Exists(keyPath))
            {
                File.SetUnixFileMode(keyPath, OwnerOnly);
            }
        }

        using (var writer = new StreamWriter(keyPath, options))
        {
            writer.WriteLine(pair.ExportPkcs8PrivateKeyPem());
        }

        File.WriteAllText(Path.Combine(folder, name + ".pem"), certificate.ExportCertificatePem() + "\n");
    }
}
