namespace DistTrain.Training;

/// <summary>Section run: where the work is done. No key here changes a bit of the weights.</summary>
public sealed record RunJob
{
    [JobKey("What runs the machines.")]
    public EngineKind Engine { get; init; } = EngineKind.Local;

    [JobKey("Workers; more than there are slices are spares.", Min = 1, Max = 1024)]
    public int Workers { get; init; } = 1;

    [JobKey("Parameter servers.", Min = 1, Max = 256)]
    public int Servers { get; init; } = 1;

    [JobKey("Servers that hold each block, no more than there are servers; with 1 the loss of a server costs the steps since the last checkpoint, with 2 at most one step.", Min = 1, Max = 2)]
    public int Replicas { get; init; } = 1;

    [JobKey("Threads of each worker.", Min = 1, Max = 1024, Automatic = "the machine's cores divided by the workers, at least 1")]
    public int? Threads { get; init; }

    [JobKey("Steps between two checkpoints; 0: only at the end of an epoch.", Min = 0, Max = 1_000_000_000)]
    public int CheckpointEvery { get; init; }

    [JobKey("Newest checkpoints that are kept.", Min = 1, Max = 1_000_000)]
    public int KeepCheckpoints { get; init; } = 3;

    [JobKey("Share of the ranges that two workers compute, 0.01 = one in a hundred: where their sums differ a third one decides, and the worker that computes wrong is named and dropped. Needs 2 workers, 3 to decide. What is not audited is not checked.", Min = 0, Max = 1)]
    public double Audit { get; init; }

    [JobKey("The run folder; must not hold a run yet.", IsPath = true, Automatic = "runs/ with the date and the model's name")]
    public string? Out { get; init; }
}
