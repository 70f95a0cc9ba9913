namespace DistTrain.Protocol.Tests;

/// <summary>Checkpoints when the disk is slow, or full for a while.</summary>
public class CheckpointTimingTests
{
    private static readonly LinearJob Job = new(new RunPlan { Samples = 160, Batch = 16, Slices = 4, Passes = 2 }, 40, 20);

    [Fact]
    public void A_slow_disk_leaves_checkpoints_out_and_never_holds_more_than_two_versions()
    {
        var asked = new List<CommitManifest>();
        var cluster = new DirectCluster(Job, new ProtocolOptions { Workers = 2, Servers = 2, CheckpointEverySteps = 1 })
        {
            Disk = commit =>
            {
                asked.Add(commit);
                return null;
            },
        };
        cluster.Run(() => Steps(cluster) == 12);
        Assert.Equal([1L, 2], asked.Select(commit => commit.Version.Value));
        Assert.Equal(10, cluster.Events.OfType<CheckpointSkipped>().Count(skipped => skipped.Version.Value <= 12));

        cluster.Disk = Stored;
        asked.ForEach(commit => cluster.Tell(MachineId.Coordinator, Stored(commit)));
        cluster.Run();
        Assert.Equal(Job.Run.End, cluster.Events.OfType<CheckpointCommitted>().Last().Version);
        Assert.Equal(Job.Oracle(Job.Run.End.Value).Weights, cluster.WeightsAt(Job.Run.End));
    }

    [Fact]
    public void After_a_failure_the_next_version_that_can_be_is_stored()
    {
        var longer = new LinearJob(Job.Run with { Passes = 4 }, 40, 20);
        var cluster = new DirectCluster(longer, new ProtocolOptions { Workers = 2, Servers = 2, CheckpointEverySteps = 18, ReportTicks = 20 });
        cluster.Disk = commit => commit.Version.Value == 18 ? new ManifestFailed(commit.Epoch, commit.Version, "full") : Stored(commit);
        cluster.Run(() => cluster.Events.OfType<CheckpointFailed>().Any());
        long before = Steps(cluster);
        cluster.Tell(MachineId.Coordinator, new Ticked(20));
        cluster.Run();
        List<long> stored = [.. cluster.Events.OfType<CheckpointCommitted>().Select(committed => committed.Version.Value)];
        Assert.InRange(stored[0], before + 1, before + cluster.Options.LeashSteps + 2);
        Assert.Equal([36L, 40], stored.Skip(1));
    }

    private static ManifestCommitted Stored(CommitManifest commit) => new(commit.Epoch, commit.Version);

    private static long Steps(DirectCluster cluster) => cluster.Events.OfType<StepCommitted>().Count();
}
