using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Hosting.Tests;

public sealed class LaneTlsTests : IDisposable
{
    private const string Host = "localhost";
    private static readonly LaneAddress AnyPort = LaneAddress.Tcp(Host, 0);
    private readonly string folder = Directory.CreateTempSubdirectory("lanes").FullName;
    private readonly List<IDisposable> used = [];

    public void Dispose()
    {
        used.ForEach(one => one.Dispose());
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Messages_of_all_sizes_pass_in_both_directions(bool unix)
    {
        CertificateFolder certificates = Authority("ours");
        LaneEnd listener = End("listener", Of(certificates)), dialer = End("dialer", Of(certificates));
        LaneAddress address = unix ? LaneAddress.Unix(Path.Combine(folder, "s")) : AnyPort;
        LanePeer there = dialer.Node.Dial(listener.Node.Listen(address).Address);
        for (int floats = 1; floats <= ProtocolLimits.BlockFloatsMax; floats *= 2)
        {
            BlockBuffer weights = dialer.Pool.Rent(floats);
            weights.Span.Fill(floats);
            there.Send(MachineId.Server(1), MachineId.Worker(2), new BlockPublished(new RunEpoch(1), new BlockId(1), new WeightVersion(1), weights));
            var arrived = Assert.IsType<BlockPublished>(LaneEnd.Next(listener.Messages).Message);
            Assert.Equal(floats, arrived.Weights.Length);
            Assert.Equal(-1, arrived.Weights.Span.IndexOfAnyExcept((float)floats));
            listener.Node.Find("dialer")!.Send(MachineId.Worker(2), MachineId.Server(1), new LeaveRun(new RunEpoch(1)));
            Assert.IsType<LeaveRun>(LaneEnd.Next(dialer.Messages).Message);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_certificate_of_another_authority_is_refused_and_both_sides_are_told_whose(bool dialers)
    {
        LaneTls good = Of(Authority("ours")), bad = Mixed(Authority("ours"), Authority("theirs"));
        MustBeRefused(dialers ? good : bad, dialers ? bad : good, dialers, "is not certified by CN=DistTrain authority");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_expired_certificate_is_refused_and_both_sides_are_told_since_when(bool dialers)
    {
        CertificateFolder certificates = Authority("ours", new FixedTime(DateTimeOffset.UtcNow.AddYears(-2)));
        LaneTls old = Mixed(certificates, certificates);
        LaneTls renewed = Of(Authority("ours"));
        MustBeRefused(dialers ? renewed : old, dialers ? old : renewed, dialers, "it expired on ");
    }

    [Fact]
    public void A_certificate_that_is_not_for_the_dialed_host_is_refused()
    {
        CertificateFolder certificates = Authority("ours");
        LaneEnd listener = End("listener", Of(certificates)), dialer = End("dialer", Of(certificates));
        int port = listener.Node.Listen(LaneAddress.Tcp("0.0.0.0", 0)).Address.Port;
        dialer.Node.Dial(LaneAddress.Tcp("127.0.0.2", port));
        Assert.Contains("is not a certificate for 127.0.0.2", LaneEnd.Next(dialer.Refused).Text, StringComparison.Ordinal);
        Assert.Contains("is not a certificate for 127.0.0.2", LaneEnd.Next(listener.Refused).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dialer_without_TLS_is_told_that_the_listener_wants_it()
    {
        LaneEnd listener = End("listener", Of(Authority("ours"))), dialer = End("dialer", null);
        dialer.Node.Dial(listener.Node.Listen(AnyPort).Address);
        LaneRefusal here = LaneEnd.Next(listener.Refused), there = LaneEnd.Next(dialer.Refused);
        Assert.Equal((LaneRefusalReason.Encryption, LaneRefusalReason.Encryption), (here.Reason, there.Reason));
        Assert.Equal("listener wants TLS (--tls-ca, --tls-cert, --tls-key), and the other side speaks none", there.Text);
        Assert.Empty(listener.Connected);
    }

    [Fact]
    public void A_dialer_with_TLS_finds_none_and_the_listener_tells_that_it_was_asked_for()
    {
        LaneEnd listener = End("listener", null), dialer = End("dialer", Of(Authority("ours")));
        dialer.Node.Dial(listener.Node.Listen(AnyPort).Address);
        LaneRefusal here = LaneEnd.Next(listener.Refused);
        Assert.Equal((LaneRefusalReason.Encryption, "listener listens without TLS, and the other side speaks it"), (here.Reason, here.Text));
        Assert.StartsWith("no TLS: the other side listens without it", LaneEnd.Next(dialer.Unreachable), StringComparison.Ordinal);
        Assert.Empty(listener.Connected);
    }

    [Fact]
    public void A_dialer_that_shows_no_certificate_is_refused_and_told()
    {
        LaneTls tls = Of(Authority("ours"));
        LaneEnd listener = End("listener", tls);
        LaneAddress address = listener.Node.Listen(AnyPort).Address;
        using var client = new System.Net.Sockets.TcpClient(address.Host!, address.Port);
        using var stream = new System.Net.Security.SslStream(client.GetStream());
        System.Net.Security.SslClientAuthenticationOptions anonymous = tls.ForDialer(Host);
        anonymous.ClientCertificateContext = null;
        stream.AuthenticateAsClient(anonymous);
        using var all = new MemoryStream();
        stream.CopyTo(all);
        byte[] answer = all.ToArray();
        Assert.Equal(FrameKind.Refusal, (FrameKind)answer[0]);
        const string Told = "the dialing node's certificate is refused: no certificate was shown";
        Assert.Contains(Told, System.Text.Encoding.UTF8.GetString(answer), StringComparison.Ordinal);
        Assert.Equal((LaneRefusalReason.Certificate, Told), (LaneEnd.Next(listener.Refused) is var refusal ? (refusal.Reason, refusal.Text) : default));
    }

    [Fact]
    public void Files_that_do_not_fit_are_told_with_option_and_file()
    {
        CertificateFolder ours = Authority("ours"), theirs = Authority("theirs");
        Assert.StartsWith("--tls-ca: nowhere.pem: ", Assert.Throws<UserError>(() => LaneTls.FromFiles("nowhere.pem", ours.CertificatePath(Host), ours.KeyPath(Host))).Message, StringComparison.Ordinal);
        Assert.StartsWith("--tls-cert: ", Assert.Throws<UserError>(() => LaneTls.FromFiles(ours.AuthorityPath, ours.CertificatePath(Host), theirs.KeyPath(Host))).Message, StringComparison.Ordinal);
        Assert.Contains("is not certified by", Assert.Throws<UserError>(() => LaneTls.FromFiles(ours.AuthorityPath, theirs.CertificatePath(Host), theirs.KeyPath(Host))).Message, StringComparison.Ordinal);
    }

    private void MustBeRefused(LaneTls listeners, LaneTls dialers, bool byListener, string text)
    {
        LaneEnd listener = End("listener", listeners), dialer = End("dialer", dialers);
        dialer.Node.Dial(listener.Node.Listen(AnyPort).Address);
        LaneRefusal here = LaneEnd.Next(listener.Refused), there = LaneEnd.Next(dialer.Refused);
        Assert.Equal((LaneRefusalReason.Certificate, LaneRefusalReason.Certificate), (here.Reason, there.Reason));
        Assert.Equal((!byListener, byListener), (here.ByPeer, there.ByPeer));
        Assert.Equal(here.Text, there.Text);
        Assert.Contains(text, here.Text, StringComparison.Ordinal);
    }

    private CertificateFolder Authority(string name, TimeProvider? time = null)
    {
        var certificates = new CertificateFolder(Path.Combine(folder, name), time);
        certificates.EnsureAuthority();
        certificates.MakeNode(Host);
        return certificates;
    }

    private LaneTls Of(CertificateFolder certificates) =>
        Use(LaneTls.FromFiles(certificates.AuthorityPath, certificates.CertificatePath(Host), certificates.KeyPath(Host)));

    /// <summary>Trusts one authority and shows a certificate that may be of another, or expired.</summary>
    private LaneTls Mixed(CertificateFolder trusted, CertificateFolder shown) =>
        Use(LaneTls.FromFilesUnchecked(trusted.AuthorityPath, shown.CertificatePath(Host), shown.KeyPath(Host)));

    private LaneEnd End(string name, LaneTls? tls) => Use(new LaneEnd(name, security: new LaneSecurity { Tls = tls }));

    private T Use<T>(T one)
        where T : IDisposable
    {
        used.Add(one);
        return one;
    }
}
