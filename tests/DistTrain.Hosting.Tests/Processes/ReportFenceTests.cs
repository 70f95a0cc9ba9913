using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public class ReportFenceTests
{
    private static readonly PassTotals Totals = PassTotals.Empty(0);

    private readonly List<Action> taken = [];
    private readonly List<int> sent = [];
    private readonly ReportFence fence;

    public ReportFenceTests() => fence = new ReportFence((_, then) => taken.Add(then), send => sent.Add(send.To.Number));

    [Fact]
    public void What_is_said_after_an_epochs_end_waits_until_the_launcher_has_heard_of_it()
    {
        fence.Send(To(1));
        fence.Report(new EventHappened(new PassCompleted(new WeightVersion(5), Totals)));
        fence.Send(To(2));
        fence.Report(new EventHappened(new EvaluationCompleted(new WeightVersion(5), "validation", Totals)));
        fence.Send(To(3));
        Assert.Equal([1], sent);
        taken[0]();
        Assert.Equal([1], sent);
        taken[1]();
        Assert.Equal([1, 2, 3], sent);
        fence.Send(To(4));
        Assert.Equal([1, 2, 3, 4], sent);
    }

    [Fact]
    public void A_committed_step_holds_nothing_back()
    {
        fence.Report(new EventHappened(new StepCommitted(new StepNumber(1), 0, 1, new RangeStatistics(0, [0]))));
        fence.Send(To(1));
        Assert.Equal([1], sent);
    }

    /// <summary>Over two channels that lose nothing: the sender hears in the same moment.</summary>
    [Fact]
    public void What_is_awaited_is_acknowledged_at_once()
    {
        HostChannel? here = null;
        var there = new HostChannel(packet => here!.Receive(packet), _ => { });
        here = new HostChannel(packet => there.Receive(packet), _ => { });
        int told = 0;
        here.Post(new EventHappened(new MemberJoined(MachineId.Worker(1))), () => told++);
        Assert.Equal(0, told);
        here.Post(new EventHappened(new PassCompleted(new WeightVersion(5), Totals)), () => told++);
        Assert.Equal(2, told);
    }

    private static Send To(int worker) => new(MachineId.Worker(worker), new JoinRun(RunEpoch.Before(term: 1), new RunIdentity(1, 1, "job", "data")));
}
