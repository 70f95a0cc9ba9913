using System.Diagnostics;
using DistTrain.Hosting;
using DistTrain.Hosting.Tests;
using DistTrain.Training.Tests;
using Xunit.Abstractions;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Strangers at every listening port of a run that trains: it goes on, holds no more than it may, and ends with the calm hash.</summary>
public sealed class LiveFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableFact]
    public Task Strangers_disturb_no_training() => RunAsync(encrypted: false, 6_000);

    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData(false, 600_000)]
    [InlineData(true, 400_000)]
    public Task A_million_frames_of_strangers_disturb_no_training(bool encrypted, int frames) => RunAsync(encrypted, frames);

    private async Task RunAsync(bool encrypted, int frames)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "listening ports are found in /proc");

        // Launcher, coordinator, worker with server, worker: each has a Unix socket and, since the run listens, a TCP port.
        const int Ports = 8;
        using LaneTls? tls = encrypted ? Tls() : null;
        string[] options = encrypted ? Options() : [];
        using var run = new LiveRun(LiveRun.SmallJob, ["--workers", "2", "--servers", "1", "--listen", "localhost:0", .. options]);
        await run.StepsAsync(10);
        RunReport before = await run.StatusAsync(report => report.Nodes.Count == 3 && report.Machines.Count == 3, "all machines");
        int[] processes = [run.Launcher.ProcessId, .. before.Nodes.Select(node => node.ProcessId)];
        LaneAddress[] ports = [.. processes.SelectMany(process => ListeningPorts.Of(process, run.Sockets))];
        Assert.Equal(Ports, ports.Length);
        long calm = processes.Max(process => ProcessUsage.Of(process)!.ResidentKilobytes), most = 0;

        // They know the token, so that they get in as guests, and keep sending.
        var security = new LaneSecurity { Token = LaneToken.Parse("test", LiveRun.Token), Tls = tls };
        LaneFuzzer[] fuzzers = [.. ports.Select((port, i) => new LaneFuzzer(port, security, LaneIdentity.Guest, seed: 77 + i))];
        Task[] strangers = [.. fuzzers.Select(fuzzer => Task.Factory.StartNew(() => fuzzer.Run(frames / Ports), TaskCreationOptions.LongRunning))];
        var clock = Stopwatch.StartNew();
        long first = run.Step;
        while (!Task.WhenAll(strangers).IsCompleted)
        {
            // The watchdog: a step must always come.
            await run.StepsAsync(1);
            most = Math.Max(most, processes.Max(process => ProcessUsage.Of(process)?.ResidentKilobytes ?? throw new InvalidOperationException($"process {process} has ended:\n{run.Launcher.Text}")));
        }

        await Task.WhenAll(strangers);
        long steps = run.Step - first;
        RunReport after = await run.StatusAsync();
        Assert.Equal(before.Nodes.Select(node => node.ProcessId), after.Nodes.Select(node => node.ProcessId));
        output.WriteLine($"{fuzzers.Sum(fuzzer => fuzzer.Frames)} frames on {fuzzers.Sum(fuzzer => fuzzer.Connections)} connections at {Ports} ports in {clock.Elapsed.TotalSeconds:F0} s, {steps} steps beside; "
            + $"resident before {calm / 1024} MB, at most {most / 1024} MB");
        output.WriteLine(string.Join(", ", fuzzers.SelectMany(fuzzer => fuzzer.Kinds).GroupBy(kind => kind.Key).Select(kind => $"{kind.Sum(each => each.Value)} {kind.Key}")));
        Assert.All(fuzzers, fuzzer => Assert.True(fuzzer.Frames >= frames / Ports && fuzzer.Kinds.GetValueOrDefault("let in") > 0, $"{fuzzer.Frames} frames, {fuzzer.Kinds.GetValueOrDefault("let in")} let in"));
        Assert.InRange(most, 1, calm + (128 * 1024));
        Assert.DoesNotContain("defect", run.Launcher.Text, StringComparison.Ordinal);
        Assert.Contains("refused", run.Launcher.Text, StringComparison.Ordinal);
        Assert.InRange(run.Launcher.Text.Split('\n').Length, 1, (RefusalLog.LinesMax + 1) * processes.Length * (2 + (int)(clock.Elapsed / RefusalLog.Window)));
        await run.MustEndWithTheCalmHashAsync();
    }

    private CertificateFolder Certificates => new(folder["certificates"]);

    private LaneTls Tls()
    {
        Certificates.EnsureAuthority();
        Certificates.MakeNode("localhost");
        return LaneTls.FromFiles(Certificates.AuthorityPath, Certificates.CertificatePath("localhost"), Certificates.KeyPath("localhost"));
    }

    private string[] Options() =>
        ["--tls-ca", Certificates.AuthorityPath, "--tls-cert", Certificates.CertificatePath("localhost"), "--tls-key", Certificates.KeyPath("localhost")];
}
