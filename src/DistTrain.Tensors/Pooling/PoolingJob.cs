namespace DistTrain.Tensors;

/// <summary>One pooling call as its parts see it; lives on the caller's stack.</summary>
internal unsafe struct PoolingJob
{
    /// <summary>Parts for each thread: threads that are late take fewer.</summary>
    private const int PartsPerThread = 4;

    public PoolingShape Shape;
    public float* X;
    public float* Y;
    public float* Dy;
    public float* Dx;

    /// <summary>What is shared out: output rows of all samples, or samples.</summary>
    public long Units;

    public int Parts;

    /// <summary>Windows may overlap, so a sample of dx belongs to one part; rows of y are independent.</summary>
    public void Run(ForkJoinPool pool, long units, delegate*<void*, int, void> body)
    {
        if (units == 0)
        {
            return;
        }

        Units = units;
        Parts = pool.Threads == 1 ? 1 : (int)Math.Min(units, pool.Threads * PartsPerThread);
        fixed (PoolingJob* job = &this)
        {
            pool.Run(Parts, body, job);
        }
    }

    public readonly long Start(int part) => part * Units / Parts;
}
