using System.Diagnostics;
using DistTrain.Hosting;
using DistTrain.Training.Tests;
using Xunit.Abstractions;

namespace DistTrain.EndToEnd.Tests;

/// <summary>
/// A run of three hosts on a network that breaks: the launcher, its workers and servers on the first, workers that joined on the others,
/// one of them with a server. Same bits, no hang, no process left.
/// </summary>
[Trait("Category", "Long")]
public sealed class NetworkTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly Stopwatch clock = Stopwatch.StartNew();

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [InlineData(true, 15)]
    [InlineData(false, 2)]
    public Task A_host_that_is_unplugged_for_a_while_is_only_suspected(bool encrypted, int seconds) => TrainAsync(encrypted, async (network, run, _) =>
    {
        // Longer than a lane may be silent, 10 s, and shorter.
        network.Do("cut", "2");
        var cut = Stopwatch.StartNew();
        await run.StatusAsync(report => OfHost(report, 0).All(machine => machine.IsDoubtful), "suspicion of the host that is cut off");
        Tell(run, "suspected");
        while (cut.Elapsed.TotalSeconds < seconds)
        {
            await run.StepsAsync(10);
        }

        network.Do("heal", "2");
        await run.StatusAsync(report => OfHost(report, 0) is [{ IsDoubtful: false, Ranges.Count: > 0 }], "the host that is back, at work");
        Tell(run, "back at work");
        await run.StepsAsync(200);
    });

    [SkippableFact]
    public Task A_host_that_is_unplugged_for_long_is_lost_and_told_so_when_it_is_back() => TrainAsync(encrypted: true, async (network, run, joined) =>
    {
        network.Do("cut", "2");
        await run.StatusAsync(report => OfHost(report, 0).Length == 0 && report.Nodes.All(node => node.Name != "joined 0"), "loss of the host");
        Tell(run, "lost");
        network.Do("heal", "2");
        Assert.Equal(4, await joined[0].ExitAsync());
        Assert.Contains("has no part in the run any more", joined[0].Text, StringComparison.Ordinal);
        Tell(run, "told");
        await run.StepsAsync(100);
    });

    [SkippableFact]
    public Task A_host_that_stays_cut_off_gives_up() => TrainAsync(encrypted: false, async (network, run, joined) =>
    {
        network.Do("cut", "2");
        Assert.Equal(4, await joined[0].ExitAsync());
        Assert.Contains("the launcher is not heard of any more", joined[0].Text, StringComparison.Ordinal);
        Tell(run, "given up");
        await run.StatusAsync(report => OfHost(report, 0).Length == 0, "loss of the host");
        await run.StepsAsync(100);
    });

    [SkippableTheory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    public Task Packets_that_are_lost_one_way_make_a_suspicion_and_no_more(int from, int to) => TrainAsync(encrypted: true, async (network, run, _) =>
    {
        int joined = Math.Max(from, to) - 2;
        network.Do("lose", $"{from}", $"{to}");
        await run.StatusAsync(report => OfHost(report, joined).Any(machine => machine.IsDoubtful), "suspicion of the host that is not heard");
        Tell(run, "suspected");
        await run.StepsAsync(100);
        Assert.InRange(network.Count("lost", 1), 5, long.MaxValue);
        network.Do("find", $"{from}", $"{to}");
        await run.StatusAsync(report => OfHost(report, joined).Any(machine => !machine.IsDoubtful && machine.Ranges.Count > 0), "the host that is heard again, at work");
        Tell(run, "back at work");
    });

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Five_percent_of_packets_lost_change_nothing(bool encrypted) => TrainAsync(encrypted, async (network, run, _) =>
    {
        network.Do("drop", "2", "5");
        network.Do("drop", "3", "5");
        await run.StepsAsync(400);
        long lost = network.Count("lost", 1);
        Tell(run, $"{lost} packets lost");
        Assert.InRange(lost, 20, long.MaxValue);
        network.Do("drop", "2", "0");
        network.Do("drop", "3", "0");
        await run.StepsAsync(100);
    });

    [SkippableFact]
    public Task Twenty_milliseconds_of_delay_change_nothing() => TrainAsync(encrypted: true, delays: true, fault: async (network, run, _) =>
    {
        network.Do("delay", "2", "20");
        network.Do("delay", "3", "20");
        RunReport before = await run.StatusAsync();
        var slow = Stopwatch.StartNew();
        await run.StepsAsync(100);
        double seconds = slow.Elapsed.TotalSeconds;
        RunReport after = await run.StatusAsync();

        // A step waits 40 ms for a host that has work: it is told and says. One so slow may have lost all of it to the others, who wait for nobody then.
        bool isWaitedFor = Enumerable.Range(0, 2).Any(joined => IsAtWork(before, joined) && IsAtWork(after, joined));
        Tell(run, $"100 steps in {seconds:F1} s, {(isWaitedFor ? "with" : "without")} work on slow hosts");
        Assert.True(!isWaitedFor || seconds > 1, "steps do not wait for a slow host that has work");
        network.Do("delay", "2", "0");
        network.Do("delay", "3", "0");
        await run.StepsAsync(100);
    });

    [SkippableFact]
    public Task A_hundred_megabits_a_second_change_nothing() => TrainAsync(encrypted: true, rates: true, fault: async (network, run, _) =>
    {
        network.Do("rate", "2", "100mbit");
        network.Do("rate", "3", "100mbit");
        await run.StepsAsync(300);
        long waited = network.Count("waited", 9);
        Tell(run, $"{waited} packets waited for the rate");
        Assert.InRange(waited, 1, long.MaxValue);
        network.Do("rate", "2", "0");
        network.Do("rate", "3", "0");
        await run.StepsAsync(100);
    });

    private static MachineReport[] OfHost(RunReport report, int joined) =>
        [.. report.Machines.Where(machine => machine.Machine.StartsWith('w') && report.Nodes.Any(node => node.Node == machine.Node && node.Name == $"joined {joined}"))];

    private static bool IsAtWork(RunReport report, int joined) => OfHost(report, joined).Any(machine => machine.Ranges.Count > 0);

    /// <summary>Begins a run, lets the hosts join, breaks the network while it trains, and ends it.</summary>
    private async Task TrainAsync(bool encrypted, Func<NetworkOfHosts, LiveRun, CommandRun[], Task> fault, bool rates = false, bool delays = false)
    {
        NetworkOfHosts.SkipIfImpossible(rates, delays);
        using var network = new NetworkOfHosts(3);
        string[] listen = ["--workers", "1", "--servers", "2", "--set", "run.replicas=2", "--listen", $"{NetworkOfHosts.Address(1)}:0", .. Security(encrypted, 1)];
        using var run = new LiveRun(LiveRun.SmallJob, listen, through: network.On(1));
        await run.StepsAsync(10);
        string door = (await run.StatusAsync()).Listen!;
        var joined = new List<CommandRun>();
        try
        {
            for (int host = 2; host <= 3; host++)
            {
                string[] server = host == 3 ? ["--server"] : [];
                joined.Add(run.Join(door, [.. server, .. Security(encrypted, host)], through: network.On(host, run.Sockets)));
                int number = host - 2;
                await run.StatusAsync(report => OfHost(report, number) is [{ Ranges.Count: > 0 }], $"host {host} at work");
            }

            Tell(run, "all hosts are at work");
            await fault(network, run, [.. joined]);
            long steps = await run.MustEndWithTheCalmHashAsync();
            Tell(run, $"{steps} steps, the calm engine's hash");
            foreach (CommandRun each in joined)
            {
                // Those that lost their part have ended before; nobody stays.
                Assert.Contains(await each.ExitAsync(), new[] { 0, 4 });
            }
        }
        finally
        {
            output.WriteLine(run.Launcher.Text);
            joined.ForEach(each =>
            {
                output.WriteLine(each.Text);
                each.Dispose();
            });
        }
    }

    private string[] Security(bool encrypted, int host)
    {
        if (!encrypted)
        {
            return ["--insecure"];
        }

        var certificates = new CertificateFolder(folder["certificates"]);
        certificates.EnsureAuthority();
        string name = NetworkOfHosts.Address(host);
        certificates.MakeNode(name);
        return ["--tls-ca", certificates.AuthorityPath, "--tls-cert", certificates.CertificatePath(name), "--tls-key", certificates.KeyPath(name)];
    }

    private void Tell(LiveRun run, string what) => output.WriteLine($"{clock.Elapsed.TotalSeconds:F1} s, step {run.Step}: {what}");
}
