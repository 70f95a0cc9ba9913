namespace DistTrain.Hosting;

/// <summary>Pauses between attempts: the first, then twice as long each time, up to a last.</summary>
internal sealed class Backoff
{
    private readonly TimeSpan first;
    private readonly TimeSpan last;
    private TimeSpan next;

    public Backoff(TimeSpan first, TimeSpan last)
    {
        (this.first, this.last) = (first, last);
        next = first;
    }

    public TimeSpan Next()
    {
        TimeSpan pause = next;
        next = next * 2 < last ? next * 2 : last;
        return pause;
    }

    public void Reset() => next = first;
}
