namespace DistTrain.Hosting.Tests;

public class NodeSlotTests
{
    [Fact]
    public void Who_dies_without_a_step_between_waits_longer_each_time_and_is_given_up_in_the_end()
    {
        var slot = new NodeSlot("worker 0", 1, 1);

        TimeSpan?[] delays = [.. Enumerable.Range(0, 12).Select(_ => slot.DelayAfterDeath(64))];

        Assert.Equal(TimeSpan.Zero, delays[0]);
        Assert.Equal(TimeSpan.FromMilliseconds(100), delays[1]);
        Assert.Equal(TimeSpan.FromMilliseconds(200), delays[2]);
        Assert.Equal(TimeSpan.FromSeconds(5), delays[10]);
        Assert.Null(delays[11]);
    }

    [Fact]
    public void A_committed_step_makes_it_start_at_once_again()
    {
        var slot = new NodeSlot("worker 0", 1, 1);
        slot.DelayAfterDeath(64);
        slot.DelayAfterDeath(64);

        Assert.Equal(TimeSpan.Zero, slot.DelayAfterDeath(128));
    }
}
