using System.Runtime.Versioning;
using DistTrain.Tensors;

namespace DistTrain.Hosting.Tests;

public sealed class CertificateFolderTests : IDisposable
{
    private const string Host = "localhost";
    private readonly string folder = Directory.CreateTempSubdirectory("lanes").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>An authority and a node in that folder.</summary>
    public static LaneTls Certified(string folder)
    {
        var certificates = new CertificateFolder(folder);
        certificates.EnsureAuthority();
        certificates.MakeNode(Host);
        return LaneTls.FromFiles(certificates.AuthorityPath, certificates.CertificatePath(Host), certificates.KeyPath(Host));
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void Keys_are_readable_by_their_user_alone_and_an_authority_is_made_once()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has other permissions.");
        using LaneTls tls = Certified(folder);
        var certificates = new CertificateFolder(folder);
        Assert.All(
            new[] { certificates.AuthorityKeyPath, certificates.KeyPath(Host) },
            path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));
        Assert.False(certificates.EnsureAuthority());
    }

    [Fact]
    public void A_certificate_lasts_little_more_than_a_year_and_never_longer_than_its_authority()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var certificates = new CertificateFolder(folder);
        certificates.EnsureAuthority();
        Assert.InRange((certificates.MakeNode("node-a") - now).TotalDays, 396, 398);
        DateTimeOffset late = new CertificateFolder(folder, new FixedTime(now.AddYears(10).AddDays(-7))).MakeNode("node-a");
        Assert.InRange((late - now.AddYears(10)).TotalDays, -1, 1);
    }

    [Fact]
    public void Half_an_authority_is_told()
    {
        var certificates = new CertificateFolder(folder);
        certificates.EnsureAuthority();
        File.Delete(certificates.AuthorityKeyPath);
        Assert.Contains("has ca.pem without ca.key", Assert.Throws<UserError>(() => certificates.EnsureAuthority()).Message, StringComparison.Ordinal);
    }
}
