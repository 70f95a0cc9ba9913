using System.Buffers.Binary;
using DistTrain.Hosting;
using DistTrain.Hosting.Tests;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Who does not fit into a run is told why, the run's side too, and the run beside goes on to the calm hash.</summary>
public sealed class RefusalTests : IDisposable
{
    private const int Refused = 4;
    private const int BadInput = 2;
    private static readonly LaneSecurity SameToken = new() { Token = LaneToken.Parse("test", LiveRun.Token) };
    private readonly TestFolder folder = new();
    private readonly List<IDisposable> used = [];

    public void Dispose()
    {
        used.ForEach(one => one.Dispose());
        folder.Dispose();
    }

    [SkippableFact]
    public async Task Without_TLS_other_tokens_versions_runs_jobs_and_data_are_refused_on_both_sides()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "listening ports are found in /proc");
        LiveRun run = Use(new LiveRun(LiveRun.SmallJob, ["--workers", "1", "--listen", "127.0.0.1:0"]));
        await run.StepsAsync(1);
        RunReport report = await run.StatusAsync();
        string door = report.Listen!;

        const string OtherToken = "has another join token than node-0@";
        CommandRun stranger = Use(run.Join(door, [], Environment(LaneToken.Variable, "0123456789abcdeF")));
        await MustSayAsync(stranger, Refused, door, OtherToken);
        await run.Launcher.ToldAsync(OtherToken);

        await MustRefuseAsync(run, door, LaneIdentity.Guest("old") with { WireVersion = ProtocolLimits.WireVersion - 1 }, LaneRefusalReason.WireVersion, "has wire version");
        await MustRefuseAsync(run, door, LaneIdentity.Guest("new") with { NumericsVersion = Numerics.Version + 1 }, LaneRefusalReason.NumericsVersion, "has numerics version");
        await MustRefuseAsync(run, door, LaneIdentity.Guest("node-1@another"), LaneRefusalReason.Job, "node-1@another is a node of another run than node-0@");

        // Job and data are known to the nodes that train, and each of them has a door too.
        string worker = $"{Assert.Single(ListeningPorts.Of(report.Nodes.Single(node => node.Name == "worker 0").ProcessId, run.Sockets), address => !address.IsUnix)}";
        LaneIdentity other = LaneIdentity.Of("node-9@another", RunIdentity.Of("other-job", "other-data"), []);
        await MustRefuseAsync(run, worker, other, LaneRefusalReason.Job, "has job");
        await MustRefuseAsync(run, worker, other with { JobHash = null }, LaneRefusalReason.Data, "has data");
        await run.Launcher.ToldAsync("[worker 0] refused 127.0.0.1:");
        await run.MustEndWithTheCalmHashAsync();
    }

    [SkippableFact]
    [Trait("Category", "Long")]
    public async Task Who_comes_without_a_token_or_with_TLS_that_nobody_asked_for_is_refused()
    {
        LiveRun run = Use(new LiveRun(LiveRun.SmallJob, ["--workers", "1", "--listen", "127.0.0.1:0"]));
        await run.StepsAsync(1);
        string door = (await run.StatusAsync()).Listen!;

        const string NoToken = "wants a join token, and the other side has none";
        await MustSayAsync(Use(run.Join(door, [], Environment(LaneToken.Variable, ""))), Refused, door, NoToken);
        await run.Launcher.ToldAsync(NoToken);

        await MustSayAsync(Use(run.Join(door, Options(Certificates("ours")))), Refused, door, "no TLS: the other side listens without it");
        await run.Launcher.ToldAsync("listens without TLS, and the other side speaks it");
        await run.MustEndWithTheCalmHashAsync();
    }

    [SkippableFact]
    [Trait("Category", "Long")]
    public async Task With_TLS_other_authorities_expired_and_missing_certificates_and_plaintext_are_refused_on_both_sides()
    {
        CertificateFolder ours = Certificates("ours"), theirs = Certificates("theirs");
        LiveRun run = Use(new LiveRun(LiveRun.SmallJob, ["--workers", "1", "--listen", "localhost:0", .. Options(ours)]));
        await run.StepsAsync(1);
        string door = (await run.StatusAsync()).Listen!;

        // Both refuse at once, and each tells what it found.
        const string NotCertified = "certificate is refused: CN=localhost is not certified by CN=DistTrain authority";
        await MustSayAsync(Use(run.Join(door, Options(theirs))), Refused, door, $"the listening node's {NotCertified}");
        await run.Launcher.ToldAsync($": the dialing node's {NotCertified}");

        const string WantsTls = "wants TLS (--tls-ca, --tls-cert, --tls-key), and the other side speaks none";
        await MustSayAsync(Use(run.Join(door, [])), Refused, door, WantsTls);
        await run.Launcher.ToldAsync(WantsTls);

        // The command line looks at its own certificate first: nobody is dialed.
        CertificateFolder expired = Certificates("expired", new FixedTime(DateTimeOffset.UtcNow.AddYears(-2)));
        await MustSayAsync(Use(run.Join(door, Options(expired))), BadInput, expired.CertificatePath("localhost"), "it expired on ");

        // Who does not look is refused by the run.
        using LaneTls old = LaneTls.FromFilesUnchecked(ours.AuthorityPath, expired.CertificatePath("localhost"), expired.KeyPath("localhost"));
        await MustRefuseAsync(run, door, LaneIdentity.Guest("old"), LaneRefusalReason.Certificate, "the dialing node's certificate is refused: it expired on ", SameToken with { Tls = old });
        await run.MustEndWithTheCalmHashAsync();
    }

    /// <summary>The other way round: a launcher of another build, as a process that joins meets it.</summary>
    [Theory]
    [Trait("Category", "Long")]
    [InlineData(1, 0, "has wire version")]
    [InlineData(0, 1, "has numerics version")]
    public async Task Who_joins_a_run_of_another_build_is_told(int wire, int numerics, string told)
    {
        LaneIdentity other = LaneIdentity.Guest("node-0@another") with { WireVersion = ProtocolLimits.WireVersion + wire, NumericsVersion = Numerics.Version + numerics };
        LaneEnd launcher = Use(new LaneEnd("", security: SameToken, identity: other));
        string door = $"{launcher.Node.Listen(LaneAddress.Tcp("127.0.0.1", 0)).Address}";
        await MustSayAsync(Use(new CommandRun([], Environment(LaneToken.Variable, LiveRun.Token), ["join", door])), Refused, door, told);
        Assert.Contains(told, LaneEnd.Next(launcher.Refused).Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Who_joins_with_other_data_is_refused_and_the_run_goes_on()
    {
        string data = folder["data"];
        WriteImages(data, seed: 1);
        string yaml = LiveRun.SmallJob.Replace("data: { limit: 512 }", $"data: {{ path: {data} }}", StringComparison.Ordinal);
        LiveRun run = Use(new LiveRun(yaml, ["--workers", "1", "--listen", "127.0.0.1:0"]));
        await run.StepsAsync(1);

        WriteImages(data, seed: 2);
        CommandRun joined = Use(run.Join((await run.StatusAsync()).Listen!, []));

        await MustSayAsync(joined, BadInput, "was refused: ", "has data ");
        await run.Launcher.UntilAsync(() => run.Notices.Any(notice => notice.Contains("joined 0 was refused: ", StringComparison.Ordinal)), "notice of the refusal");
        WriteImages(data, seed: 1);
        await run.MustEndWithTheCalmHashAsync();
    }

    private static async Task MustSayAsync(CommandRun command, int exitCode, params string[] parts)
    {
        int ended = await command.ExitAsync();
        Assert.All(parts, part => Assert.Contains(part, command.Text, StringComparison.Ordinal));
        Assert.Equal(exitCode, ended);
    }

    /// <summary>A node of this process dials a process of the run; both sides say the same.</summary>
    private async Task MustRefuseAsync(LiveRun run, string door, LaneIdentity identity, LaneRefusalReason reason, string told, LaneSecurity? security = null)
    {
        LaneEnd stranger = Use(new LaneEnd("", security: security ?? SameToken, identity: identity));
        stranger.Node.Dial(LaneAddress.Parse("test", door));
        LaneRefusal refusal = LaneEnd.Next(stranger.Refused);
        Assert.Equal((reason, true), (refusal.Reason, refusal.ByPeer));
        Assert.Contains(told, refusal.Text, StringComparison.Ordinal);
        await run.Launcher.ToldAsync(refusal.Text);
    }

    private CertificateFolder Certificates(string name, TimeProvider? time = null)
    {
        var certificates = new CertificateFolder(folder[name], time);
        certificates.EnsureAuthority();
        certificates.MakeNode("localhost");
        return certificates;
    }

    private static string[] Options(CertificateFolder certificates) =>
        ["--tls-ca", certificates.AuthorityPath, "--tls-cert", certificates.CertificatePath("localhost"), "--tls-key", certificates.KeyPath("localhost")];

    private static Dictionary<string, string> Environment(string name, string value) => new() { [name] = value };

    /// <summary>256 images of noise in the IDX format.</summary>
    private static void WriteImages(string folder, int seed)
    {
        const int Count = 256, Side = 12;
        var random = new Random(seed);
        byte[] images = new byte[16 + (Count * Side * Side)], labels = new byte[8 + Count];
        random.NextBytes(images);
        int[] head = [0x803, Count, Side, Side];
        for (int i = 0; i < head.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(4 * i), head[i]);
        }

        BinaryPrimitives.WriteInt32BigEndian(labels, 0x801);
        BinaryPrimitives.WriteInt32BigEndian(labels.AsSpan(4), Count);
        for (int i = 0; i < Count; i++)
        {
            labels[8 + i] = (byte)(i % 10);
        }

        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "train-images-idx3-ubyte"), images);
        File.WriteAllBytes(Path.Combine(folder, "train-labels-idx1-ubyte"), labels);
    }

    private T Use<T>(T one)
        where T : IDisposable
    {
        used.Add(one);
        return one;
    }
}
