using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using DistTrain.Hosting;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>A run of several processes that the command line launched, without an end of its own: a test stops it.</summary>
internal sealed class LiveRun : IDisposable
{
    /// <summary>The token of all runs of these tests, unless they say another.</summary>
    public const string Token = "0123456789abcdef";

    /// <summary>Small steps, so that faults meet many: about a thousand a second when nothing disturbs.</summary>
    public const string SmallJob = """
        model: { layers: [Flatten, { Dense: { units: 16, activation: relu } }, { Dropout: 0.2 }, { Dense: 10 }] }
        data: { limit: 512 }
        train: { epochs: 1000000, batch: 64, steps: 50000000, optimizer: { adam: 0.01 } }

        """;

    private readonly TestFolder folder = new();
    private readonly CommandRun launcher;
    private readonly string yaml;
    private long step;
    private volatile JsonNode? last;

    /// <param name="yaml">The job.</param>
    /// <param name="arguments">Behind <c>train JOB --engine processes</c>.</param>
    /// <param name="environment">Added to a private folder for sockets and <see cref="Token"/>.</param>
    /// <param name="through">A command that starts the launcher, for example on another host.</param>
    public LiveRun(string yaml, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? through = null)
    {
        this.yaml = yaml;
        File.WriteAllText(folder["job.yaml"], yaml);
        Directory.CreateDirectory(Sockets);
        launcher = new CommandRun(
            through ?? [],
            Environment(environment),
            ["train", folder["job.yaml"], "--json", "--engine", "processes", "--threads", "1", "--out", folder["run"], .. arguments],
            Take);
    }

    /// <summary>Private folders of sockets lie here.</summary>
    public string Sockets => folder["tmp"];

    /// <summary>The run's folder.</summary>
    public string Folder => folder["run"];

    public CommandRun Launcher => launcher;

    /// <summary>Notices of the run so far, for people.</summary>
    public ConcurrentQueue<string> Notices { get; } = [];

    /// <summary>Of a machine that was told as committed last.</summary>
    public long Step => Volatile.Read(ref step);

    /// <summary>Waits for so many more steps.</summary>
    public Task StepsAsync(int count, TimeSpan? patience = null)
    {
        long until = Step + count;
        return launcher.UntilAsync(() => Step >= until, $"step {until}", patience);
    }

    public Task<RunReport> StatusAsync() => RunControl.StatusAsync(Folder);

    /// <summary>Waits until the run's own word about itself is as wanted.</summary>
    public async Task<RunReport> StatusAsync(Func<RunReport, bool> wanted, string awaited)
    {
        using var deadline = new CancellationTokenSource(CommandRun.Patience);
        while (true)
        {
            RunReport report = await StatusAsync();
            if (wanted(report))
            {
                return report;
            }

            Assert.False(deadline.IsCancellationRequested, $"{awaited} is not reported; the launcher said:\n{launcher.Text}");
            await StepsAsync(1);
        }
    }

    /// <summary>Somebody who joins where the run listens.</summary>
    public CommandRun Join(string address, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? through = null) =>
        new(through ?? [], Environment(environment), ["join", address, "--threads", "1", .. arguments]);

    /// <summary>Stops it after a checkpoint, and checks that its weights are the calm engine's after as many steps, that nothing is left, and that all ended well.</summary>
    public async Task<long> MustEndWithTheCalmHashAsync()
    {
        await RunControl.StopAsync(Folder);
        int exitCode = await launcher.ExitAsync();
        Assert.True(exitCode == 0, $"exit code {exitCode}:\n{launcher.Text}");

        // A process that failed is replaced like one that was killed, and the run goes on: only its last words tell.
        Assert.DoesNotContain("Exception", launcher.Text, StringComparison.Ordinal);
        await launcher.UntilAsync(() => (string?)last?["event"] == "done", "the end");
        long steps = (long)last!["steps"]!;
        Job job = JobFile.Parse(yaml);
        Assert.Equal(await HardJob.HashAsync(job with { Train = job.Train with { Steps = steps } }), (string?)last["weights_sha256"]);
        Assert.Empty(Directory.GetDirectories(Sockets, "disttrain-*"));
        return steps;
    }

    public void Dispose()
    {
        launcher.Dispose();
        folder.Dispose();
    }

    private Dictionary<string, string> Environment(IReadOnlyDictionary<string, string>? more)
    {
        var all = new Dictionary<string, string> { ["TMPDIR"] = Sockets, ["DOTNET_TieredCompilation"] = "1", [LaneToken.Variable] = Token };
        foreach ((string name, string value) in more ?? new Dictionary<string, string>())
        {
            all[name] = value;
        }

        return all;
    }

    private void Take(string line)
    {
        JsonNode happened = JsonNode.Parse(line)!;
        if ((string?)happened["event"] == "step")
        {
            Volatile.Write(ref step, (long)happened["step"]!);
        }

        if ((string?)happened["event"] == "notice")
        {
            Notices.Enqueue(line);
        }

        last = happened;
    }
}
