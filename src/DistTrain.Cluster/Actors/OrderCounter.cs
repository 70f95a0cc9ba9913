namespace DistTrain.Cluster;

/// <summary>Numbers of one singleton's orders, whoever of its actors gives them.</summary>
internal sealed class OrderCounter
{
    private long last;

    public long Next() => Interlocked.Increment(ref last);
}
