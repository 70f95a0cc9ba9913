namespace DistTrain.Protocol;

/// <summary>Samples the weights are measured on, in fixed batches (docs/numerics.md, "Evaluation").</summary>
/// <param name="Name">As events name it.</param>
/// <param name="Samples">Samples, 1 or more.</param>
/// <param name="Batch">Samples of a batch, 1 or more; the last batch is kept, however short.</param>
/// <param name="Timing">When.</param>
public sealed record EvaluationSet(string Name, int Samples, int Batch, EvaluationTiming Timing)
{
    public int Batches => checked((Samples + Batch - 1) / Batch);

    /// <summary>Samples of batch <paramref name="index"/>.</summary>
    public int RowsOf(int index) => Math.Min(Batch, Samples - (index * Batch));
}
