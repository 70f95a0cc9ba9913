namespace DistTrain.Data;

/// <summary>
/// The samples of step t of pass p, in batch order. Step t takes positions [t·batch, (t+1)·batch) of the pass; the last batch is
/// short when the batch doesn't divide the count. Any thread may load any part of any batch.
/// </summary>
public sealed class BatchLoader
{
    private readonly IDataSource source;
    private readonly EpochPermutation? permutation;
    private readonly BatchPrefetch? prefetch;

    /// <param name="source">The training part.</param>
    /// <param name="batch">Samples a step over the whole job, at least 1.</param>
    /// <param name="seed">The job's seed, which orders the passes.</param>
    /// <param name="shuffle">False keeps the source's order in every pass.</param>
    public BatchLoader(IDataSource source, int batch, ulong seed, bool shuffle = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        this.source = source;
        Batch = batch;
        prefetch = source.WaitsForFiles ? new BatchPrefetch(this) : null;
        permutation = shuffle ? new EpochPermutation(seed, source.Count) : null;
    }

    public IDataSource Source => source;

    /// <summary>Changes samples as they are gathered, for training; null: they stay as they are.</summary>
    public AugmentedBatches? Augmentation { get; init; }

    public int Batch { get; }

    /// <summary>Steps of one pass: count / batch, rounded up.</summary>
    public int StepsPerPass => (int)(((long)source.Count + Batch - 1) / Batch);

    /// <summary>Samples of a step: the batch, or what is left for the last.</summary>
    /// <param name="stepInPass">In [0, StepsPerPass).</param>
    public int RowsIn(int stepInPass)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepInPass);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(stepInPass, StepsPerPass);
        return (int)Math.Min(Batch, source.Count - ((long)stepInPass * Batch));
    }

    /// <summary>Which samples stand at batch positions [first, first + indices.Length).</summary>
    public void Indices(int pass, int stepInPass, int first, Span<int> indices)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + (long)indices.Length, RowsIn(stepInPass), nameof(indices));
        int start = (stepInPass * Batch) + first;
        if (permutation is not null)
        {
            permutation.Fill(pass, start, indices);
            return;
        }

        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = start + i;
        }
    }

    /// <summary>
    /// Gathers batch positions [first, first + indices.Length) of a step. Allocates nothing, unless the source waits for files: then
    /// the same positions of the next step are read ahead meanwhile.
    /// </summary>
    /// <param name="pass">0 or more.</param>
    /// <param name="stepInPass">In [0, StepsPerPass).</param>
    /// <param name="first">First batch position.</param>
    /// <param name="indices">Receives the data-set index of each row, which keys random numbers; its length is the number of rows.</param>
    /// <param name="features">Rows × SampleShape.Length.</param>
    /// <param name="targets">Rows × Target.Length, or empty.</param>
    public void Load(int pass, int stepInPass, int first, Span<int> indices, Span<float> features, Span<float> targets)
    {
        if (prefetch?.TryTake(pass, stepInPass, first, indices, features, targets) != true)
        {
            LoadNow(pass, stepInPass, first, indices, features, targets);
        }

        prefetch?.Begin(pass, stepInPass, first, indices.Length);
    }

    /// <summary>Gathers without reading ahead.</summary>
    internal void LoadNow(int pass, int stepInPass, int first, Span<int> indices, Span<float> features, Span<float> targets)
    {
        Indices(pass, stepInPass, first, indices);
        source.Read(indices, features, targets);
        Augmentation?.Apply(pass, indices, features, targets);
    }
}
