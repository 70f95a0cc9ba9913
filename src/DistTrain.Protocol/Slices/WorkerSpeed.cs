namespace DistTrain.Protocol;

/// <summary>A worker, and how fast it computes.</summary>
/// <param name="Worker">Which.</param>
/// <param name="Percent">Of the fastest one's speed, 1 to 100; 0: so slow that any slice would hold up the others.</param>
public readonly record struct WorkerSpeed(MachineId Worker, int Percent)
{
    /// <summary>Time for so many slices; the unit is the fastest worker's time for one, in thousandths.</summary>
    public long TimeFor(int slices) => Percent > 0 ? slices * 100_000L / Percent : slices * 1_000_000L;

    public override string ToString() => $"{Worker} {Percent} %";
}
