using DistTrain.Hosting;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Who joins and is lost on the way, or outlives the run.</summary>
[Trait("Category", "Long")]
public class LostJoinsTests
{
    [SkippableFact]
    public async Task Who_asked_to_join_and_never_came_is_forgotten()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the launcher's processes are counted in /proc");
        using var run = new LiveRun(LiveRun.SmallJob, ["--workers", "1", "--listen", "127.0.0.1:0"]);
        await run.StepsAsync(1);
        var security = new LaneSecurity { Token = LaneToken.Parse("test", LiveRun.Token) };
        ControlAnswer answer = await RunControl.AskAsync(LaneAddress.Parse("test", (await run.StatusAsync()).Listen!), security, new ControlQuestion(ControlQuestion.Join));
        Assert.NotNull(answer.Node);
        Assert.Contains((await run.StatusAsync()).Nodes, node => node.Name == "joined 0");
        await run.StatusAsync(report => report.Nodes.All(node => node.Name != "joined 0"), "that who never came is forgotten");
        await run.MustEndWithTheCalmHashAsync();
    }

    /// <summary>The next launch of the same job listens at the same port with the same token; who joined the one before has no place in it.</summary>
    [SkippableFact]
    public async Task Who_outlives_the_launcher_is_told_by_the_next_one_that_it_is_of_another_run()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the launcher's processes are counted in /proc");
        using var first = new LiveRun(LiveRun.SmallJob, ["--workers", "1", "--listen", "127.0.0.1:0"]);
        await first.StepsAsync(1);
        string door = (await first.StatusAsync()).Listen!;
        using CommandRun joined = first.Join(door, []);
        await first.StatusAsync(report => report.Machines.Count(machine => machine.Ranges.Count > 0) >= 2, "the joined worker at work");

        first.Launcher.Kill();
        await first.Launcher.ExitAsync();
        using var second = new LiveRun(LiveRun.SmallJob, ["--workers", "1", "--listen", door]);

        Assert.Equal(4, await joined.ExitAsync());
        Assert.Contains("is a node of another run than node-0@", joined.Text, StringComparison.Ordinal);
        await second.Launcher.ToldAsync("is a node of another run than node-0@");
        await second.StepsAsync(10);
        await second.MustEndWithTheCalmHashAsync();
    }
}
