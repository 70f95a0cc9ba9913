using System.Diagnostics;

namespace DistTrain.Hosting.Tests;

public class CoresTests
{
    [Theory]
    [InlineData(0, 2, 1, new[] { 4, 5, 6 })]
    [InlineData(1, 2, 3, new[] { 7, 9, 11 })]
    [InlineData(2, 3, 2, new[] { 9, 11 })]
    [InlineData(3, 4, 1, new[] { 7 })]
    public void Each_process_gets_an_equal_part_of_the_cores(int place, int processes, int threads, int[] expected) =>
        Assert.Equal(expected, Cores.PartOf([4, 5, 6, 7, 9, 11], place, processes, threads));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    [InlineData(7, 1)]
    public void One_process_alone_and_too_many_are_bound_to_nothing(int processes, int threads) =>
        Assert.Null(Cores.PartOf([4, 5, 6, 7, 9, 11], 0, processes, threads));

    [SkippableFact]
    public void A_process_starts_on_its_cores_and_the_starter_keeps_its_own()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "cores are found in /proc");
        IReadOnlyList<int> allowed = Cores.Allowed();
        Skip.If(allowed.Count == 0, "this process has a share of the cores' time");
        int last = allowed[^1];
        using Process cat = Cores.Start(new ProcessStartInfo("cat", ["/proc/self/status"]) { RedirectStandardOutput = true }, [last])!;
        string status = cat.StandardOutput.ReadToEnd();
        Assert.Contains($"Cpus_allowed_list:\t{last}\n", status, StringComparison.Ordinal);
        Assert.Equal(allowed, Cores.Allowed());
    }
}
