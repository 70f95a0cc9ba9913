namespace DistTrain.Repository.Tests;

/// <summary>One command builds everything where Akka.NET can be had, and everything else where it can't.</summary>
[Trait("Category", "Long")]
public class ClusterEngineTests
{
    private const string Cluster = "src/DistTrain.Cluster";
    private const string Tests = "tests/DistTrain.Cluster.Tests";
    private const string ToGetIt = "dotnet build -p:ClusterEngine=true";

    [Fact]
    public void Packages_that_are_there_are_added_in_the_same_restore_and_the_finding_is_recorded()
    {
        using EngineCopy copy = new(EngineCopy.Version);

        FinishedCommand first = copy.Run("restore", Tests);
        Assert.True(first.ExitCode == 0, first.Output);
        Assert.True(copy.IsRecorded, first.Output);
        Assert.True(copy.Has(Cluster, "Akka.Cluster") && copy.Has(Cluster, "Akka.Cluster.Tools") && copy.Has(Cluster, "MessagePack"), first.Output);
        Assert.True(copy.Has(Tests, "Akka.TestKit.Xunit2"), first.Output);

        FinishedCommand second = copy.Run("restore", Tests, "-v:n");
        Assert.True(second.ExitCode == 0, second.Output);
        Assert.DoesNotContain("Probe.proj", second.Output, StringComparison.Ordinal);
        Assert.Contains("up-to-date", second.Output, StringComparison.Ordinal); // what the probe added is what true refers to
        Assert.Equal("true", copy.Run("msbuild", Tests, "-getProperty:IsTestProject").Output.Trim());
    }

    [Fact]
    public void Packages_that_are_not_there_leave_the_engine_out_and_one_line_says_how_to_get_it()
    {
        using EngineCopy copy = new(akkaVersion: null);

        FinishedCommand restore = copy.Run("restore", Tests);
        Assert.True(restore.ExitCode == 0, restore.Output);
        string line = Assert.Single(restore.Output.Split('\n'), line => line.Contains("left out", StringComparison.Ordinal));
        Assert.Contains(ToGetIt, line, StringComparison.Ordinal);
        Assert.Contains("Akka.Cluster", line, StringComparison.Ordinal);
        Assert.False(copy.IsRecorded);
        Assert.False(copy.Has(Cluster, "Akka.Cluster") || copy.Has(Tests, "Akka.TestKit.Xunit2"), restore.Output);

        FinishedCommand test = copy.Run("test", Tests, "--no-restore");
        Assert.True(test.ExitCode == 0, test.Output);
        Assert.Contains("DistTrain.Cluster.Tests -> left out", test.Output, StringComparison.Ordinal);
        Assert.Contains(ToGetIt, test.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("98.0.0", "NU1102")] // the newest there is older
    [InlineData("99.0.2", "NU1603")] // there is a newer one, not the pinned one
    public void Another_version_than_the_pinned_one_does_not_count(string version, string code)
    {
        using EngineCopy copy = new(version);

        FinishedCommand restore = copy.Run("restore", Tests);

        Assert.True(restore.ExitCode == 0, restore.Output);
        Assert.Contains($"The cluster engine is left out ({code}: ", restore.Output, StringComparison.Ordinal);
        Assert.False(copy.IsRecorded);
    }

    [Fact]
    public void Other_trouble_of_the_probe_stops_the_build_with_its_text()
    {
        using EngineCopy copy = new(akkaVersion: null, sourceExists: false);

        FinishedCommand restore = copy.Run("restore", Tests);

        Assert.True(restore.ExitCode != 0, restore.Output);
        Assert.Contains("probe for the cluster engine's packages failed (-p:ClusterEngine=false", restore.Output, StringComparison.Ordinal);
        Assert.Contains("NU1301", restore.Output, StringComparison.Ordinal);
        Assert.False(copy.IsRecorded);
    }

    [Fact]
    public void False_does_not_try_and_true_insists()
    {
        using EngineCopy copy = new(akkaVersion: null);

        FinishedCommand without = copy.Run("build", Tests, "-p:ClusterEngine=false", "-v:n", "--disable-build-servers");
        Assert.True(without.ExitCode == 0, without.Output);
        Assert.DoesNotContain("Probe.proj", without.Output, StringComparison.Ordinal);
        Assert.Contains("DistTrain.Cluster.Tests -> left out: ClusterEngine is false", without.Output, StringComparison.Ordinal);

        FinishedCommand with = copy.Run("restore", Tests, "-p:ClusterEngine=true");
        Assert.True(with.ExitCode != 0, with.Output);
        Assert.Contains("NU1101", with.Output, StringComparison.Ordinal);

        FinishedCommand neither = copy.Run("restore", Tests, "-p:ClusterEngine=perhaps");
        Assert.True(neither.ExitCode != 0, neither.Output);
        Assert.Contains("ClusterEngine is 'perhaps'; allowed are true, false, or unset", neither.Output, StringComparison.Ordinal);
    }
}
