namespace DistTrain.Hosting.Tests;

public class RefusalLogTests
{
    private static readonly LaneRefusal Refusal = new(LaneRefusalReason.Token, "the other side has another join token");

    [Fact]
    public void A_refusal_is_told_with_who_it_was_and_by_whom()
    {
        var lines = new List<string>();
        var log = new RefusalLog(lines.Add);
        log.Add("10.0.0.9:4242", Refusal);
        log.Add("10.0.0.1:7300", Refusal with { ByPeer = true });
        Assert.Equal(["refused 10.0.0.9:4242: the other side has another join token", "refused by 10.0.0.1:7300: the other side has another join token"], lines);
    }

    [Fact]
    public void Strangers_who_come_again_and_again_are_counted_and_not_written()
    {
        var lines = new List<string>();
        var time = new Clock();
        var log = new RefusalLog(lines.Add, time);
        for (int i = 0; i < 1000; i++)
        {
            log.Add("somebody", Refusal);
        }

        Assert.Equal(RefusalLog.LinesMax, lines.Count);
        time.Seconds = 61;
        log.Add("somebody else", Refusal);
        Assert.Equal([$"{1000 - RefusalLog.LinesMax} more were refused meanwhile", "refused somebody else: the other side has another join token"], lines[^2..]);
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; } = 1;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
